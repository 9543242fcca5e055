import { spawn, type SpawnOptions } from "node:child_process"
import { once } from "node:events"

/** Runs a command silently and returns what it printed. If the command fails, the error contains that output. */
export const run = async (
  command: string,
  args: ReadonlyArray<string>,
  options: SpawnOptions = {}
): Promise<string> => {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text))
  }
  const [status] = (await once(child, "close")) as [number | null]
  if (status !== 0) throw new Error(`${[command, ...args].join(" ")} exited with ${status}\n${output.trim()}`)
  return output
}

/** Runs a command, shows its output, and returns its exit code. */
export const show = async (command: string, args: ReadonlyArray<string>): Promise<number> => {
  const child = spawn(command, args, { stdio: "inherit" })
  const [status] = (await once(child, "close")) as [number | null]
  return status ?? 1
}
