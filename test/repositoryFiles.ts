import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** The root folder of the repository. */
export const root = dirname(import.meta.dirname)

export const readText = (file: string): string => readFileSync(join(root, file), "utf8")

/** Tracked files and new ones, without ignored files. */
export const repositoryFiles: ReadonlyArray<string> = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
  { cwd: root, encoding: "utf8" }
)
  .split("\0")
  .filter((file) => file !== "" && existsSync(join(root, file)))
  .toSorted()
