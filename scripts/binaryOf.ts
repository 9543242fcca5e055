import { existsSync } from "node:fs"
import { outside } from "./outside.ts"
import { run } from "./run.ts"

/**
 * Where a runtime is that prints its own path. What is linked as a command may be a script that starts the program, and
 * keeps signals from it.
 */
export const binaryOf = async (command: string, ...print: ReadonlyArray<string>): Promise<string> => {
  const printed = await run(command, print, { env: outside })
  const binary = printed.split("\n").find((line) => line !== "" && existsSync(line))
  if (binary === undefined) throw new Error(`${command} does not tell where it is:\n${printed}`)
  return binary
}
