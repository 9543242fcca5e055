import { type TokenkeepError, tokenkeepErrorOf } from "@tokenkeep/core"
import { CommanderError } from "commander"
import { exitCodes } from "./exitCodes.ts"
import { forCommandLine } from "../profiles/forCommandLine.ts"
import { chosenProfile } from "../profiles/Profile.ts"
import { pageOf } from "./pageOf.ts"
import { printable } from "./printable.ts"
import { UsageError } from "./UsageError.ts"

type Row = readonly [name: string, value: string]

const lines = (title: string, rows: ReadonlyArray<Row>): string =>
  [title, ...rows.map(([name, value]) => `  ${`${name}:`.padEnd(7)}${value}`)]
    .map((line) => `${printable(line)}\n`)
    .join("")

/** Configuration that is wrong is a usage error: nothing was sent. */
const usageCodes: ReadonlySet<string> = new Set(["CONFIG_INVALID", "INSECURE_ORIGIN", "API_KEY_MISSING"])

/** Prints the cause, the fix and the page of an error to stderr, with more rows. */
export const reportError = (error: TokenkeepError, more: ReadonlyArray<Row> = []) => {
  const { code, docs, retryAt } = error
  const { fix, what } = forCommandLine(chosenProfile(), error)
  const retry = retryAt === undefined ? [] : [["retry", new Date(retryAt).toISOString()] as const]
  process.stderr.write(lines(`tokenkeep: ${code}: ${what}`, [["fix", fix], ["page", pageOf(docs)], ...retry, ...more]))
}

/** Prints an error to stderr, and returns the exit code that fits. */
export const printError = (error: unknown): number => {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof UsageError) {
    process.stderr.write(lines(`tokenkeep: ${error.message}`, [["fix", error.fix]]))
    return exitCodes.usage
  }
  const known = tokenkeepErrorOf(error)
  if (known === undefined) {
    process.stderr.write(lines(`tokenkeep: ${messageOf(error)}`, []))
    return exitCodes.failed
  }
  reportError(known)
  return usageCodes.has(known.code) ? exitCodes.usage : exitCodes.failed
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ""
  return error.message + cause
}
