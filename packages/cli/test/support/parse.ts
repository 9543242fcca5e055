import { CommanderError } from "commander"
import { printError } from "../../src/output/printError.ts"
import { refusePasswords } from "../../src/program/refusePasswords.ts"
import { rootCommand } from "../../src/program/rootCommand.ts"
import { vi } from "vitest"

/**
 * What a command line prints, and its exit code. It runs in this process, which is fast; with the signal as it
 * is by default, a command that would run until Ctrl-C ends at once.
 */
export const printed = async (args: ReadonlyArray<string>, signal = AbortSignal.abort()) => {
  const texts: Array<string> = []
  const record = (chunk: unknown) => {
    texts.push(String(chunk))
    return true
  }
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(record))
  const before = process.exitCode
  let code: unknown
  try {
    refusePasswords(args)
    await rootCommand("0.0.0", signal).parseAsync(args, { from: "user" })
    code = process.exitCode
  } catch (error) {
    code = error instanceof CommanderError || !isAbort(error) ? printError(error) : 130
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.exitCode = before
  }
  return { code, text: texts.join("") }
}

const isAbort = (error: unknown) => error instanceof Error && error.name === "AbortError"
