import { execFile } from "node:child_process"
import { promisify } from "node:util"

/** Runs a program in its own process, and returns the JSON that it printed, line by line. */
export const runProgram = async (
  program: URL,
  env: Readonly<Record<string, string>>
): Promise<ReadonlyArray<unknown>> => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@tokenkeep/source", program.pathname], {
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], ...env },
    timeout: 240_000
  })
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown)
}
