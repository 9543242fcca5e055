import { execFile } from "node:child_process"
import { promisify } from "node:util"

/** Runs a program in a process of its own, and answers what it told, line by line. */
export const told = async (program: URL, env: Readonly<Record<string, string>>): Promise<ReadonlyArray<unknown>> => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@tokenkeep/source", program.pathname], {
    env: { PATH: process.env["PATH"], ...env },
    timeout: 60_000
  })
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown)
}
