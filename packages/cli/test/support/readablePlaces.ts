import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { ChildProcess } from "node:child_process"

/** The text of all files below a folder. */
export const filesBelow = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    // Compiled code contains the literals of the sources, such as the secrets of their examples.
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("tokenkeep/compiled"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n")

/** What `ps` shows of a process, and what its title is, while it runs. */
export const watchProcess = (child: ChildProcess) => {
  const seen = new Set<string>()
  const read = (file: string) => {
    try {
      seen.add(readFileSync(`/proc/${child.pid}/${file}`, "latin1"))
    } catch {
      // The process has ended.
    }
  }
  const timer = setInterval(() => ["cmdline", "comm"].forEach(read), 20)
  child.once("close", () => clearInterval(timer))
  return () => [...seen].join("\n")
}
