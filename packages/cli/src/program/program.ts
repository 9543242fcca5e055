import { CommanderError } from "commander"
import { readFileSync } from "node:fs"
import { exitCodes } from "../output/exitCodes.ts"
import { printError } from "../output/printError.ts"
import { fileProblem } from "../readTextFile.ts"
import { refusePasswords } from "./refusePasswords.ts"
import { rootCommand } from "./rootCommand.ts"
import { withCompletion } from "./withCompletion.ts"

const stop = new AbortController()

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

/** The first Ctrl-C lets the command release what it holds; the second ends it at once. */
const endOnSignals = () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(exitCodes.interrupted)
      stop.abort()
    })
  }
}

/**
 * Runs the command line, and sets the exit code.
 *
 * @param manifest The package.json with the version.
 */
export const run = async (args: ReadonlyArray<string>, manifest: URL): Promise<void> => {
  endWithReader()
  endOnSignals()
  try {
    refusePasswords(args)
    await (await withCompletion(rootCommand(versionOf(manifest), stop.signal), args)).parseAsync(args, { from: "user" })
  } catch (error) {
    const isInterrupted = stop.signal.aborted && !(error instanceof CommanderError)
    process.exitCode = isInterrupted ? exitCodes.interrupted : printError(error)
  }
}
