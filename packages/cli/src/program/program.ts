import { CommanderError } from "commander"
import { readFileSync } from "node:fs"
import { exitCodes } from "../output/exitCodes.ts"
import { printError } from "../output/printError.ts"
import { fileProblem } from "../readTextFile.ts"
import { refusePasswords } from "./refusePasswords.ts"
import { rootCommand } from "./rootCommand.ts"
import { withCompletion } from "./withCompletion.ts"

const versionOf = (manifest: URL): string => (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version

/** A reader such as `head` that ends early ends this command quietly, as it ends others. A full disk is an error. */
const endWithReader = () => {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.brokenPipe)
    process.exit(printError(new Error(`stdout cannot be written: ${fileProblem(error)}`)))
  })
  // There is no place to report it.
  process.stderr.on("error", () => process.exit(exitCodes.failed))
}

/**
 * Runs the command line, and sets the exit code.
 *
 * @param manifest The package.json with the version.
 * @param signal Aborts when the command is to end.
 */
export const run = async (args: ReadonlyArray<string>, manifest: URL, signal: AbortSignal): Promise<void> => {
  endWithReader()
  try {
    refusePasswords(args)
    await (await withCompletion(rootCommand(versionOf(manifest), signal), args)).parseAsync(args, { from: "user" })
  } catch (error) {
    const isInterrupted = signal.aborted && !(error instanceof CommanderError)
    process.exitCode = isInterrupted ? exitCodes.interrupted : printError(error)
  }
}
