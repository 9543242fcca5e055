import { type TokenKeep, tokenkeepErrorOf, transportFailed } from "@tokenkeep/core"
import { readFile, stat } from "node:fs/promises"
import { STATUS_CODES } from "node:http"
import { addAbortSignal, Readable } from "node:stream"
import { buffer } from "node:stream/consumers"
import { pipeline } from "node:stream/promises"
import type { ReadableStream } from "node:stream/web"
import { openClient } from "../clients/openClient.ts"
import { exitCodes } from "../output/exitCodes.ts"
import { note } from "../output/note.ts"
import { UsageError } from "../output/UsageError.ts"
import { printable, printableLines } from "../output/printable.ts"
import { forCommandLine } from "../profiles/forCommandLine.ts"
import { chosenProfile, type ProfileChoice, selectProfile } from "../profiles/Profile.ts"
import { fileProblem } from "../readTextFile.ts"

export interface RequestOptions extends ProfileChoice {
  readonly data?: string
  readonly header?: ReadonlyArray<string>
  readonly include?: boolean
  readonly fail?: boolean
}

/** The method in capitals, because servers compare it exactly. Fetch refuses CONNECT, TRACE and TRACK. */
const methodOf = (given: string): string => {
  const method = given.toUpperCase()
  if (/^(?!(?:CONNECT|TRACE|TRACK)$)[\w!#$%&'*+.^`|~-]+$/.test(method)) return method
  throw new UsageError(
    "The argument 'method' is not a method that can be sent.",
    "Use one such as GET, POST or DELETE, and none of CONNECT, TRACE and TRACK."
  )
}

const headersOf = (given: ReadonlyArray<string> = []): Headers => {
  const headers = new Headers()
  for (const [index, line] of given.entries()) {
    // A header may hold a secret, so no message repeats one.
    const position = given.length === 1 ? "The header of -H" : `The header of -H number ${index + 1}`
    const [, name = "", value = ""] = /^([^:]+):(.*)$/s.exec(line) ?? []
    if (name === "") throw new UsageError(`${position} has no colon.`, 'Write it as "Name: value".')
    if (name.trim().toLowerCase() === "authorization") {
      throw new UsageError(
        "The header Authorization is set by this command.",
        "Leave it out: it carries the access token."
      )
    }
    try {
      headers.append(name.trim(), value.trim())
    } catch {
      throw new UsageError(`${position} is not valid.`, "Use visible ASCII characters.")
    }
  }
  return headers
}

/** `@file` and `@-` are read in full, so that the request can be sent again with a new token. */
const bodyOf = async (
  data: string | undefined,
  signal: AbortSignal
): Promise<Uint8Array<ArrayBuffer> | string | undefined> => {
  if (data === undefined || !data.startsWith("@")) return data
  if (data === "@-") return new Uint8Array(await buffer(addAbortSignal(signal, process.stdin)))
  const file = data.slice(1)
  try {
    // To open a pipe would wait for its writer, and no signal could end that.
    if (!(await stat(file)).isFile()) {
      throw new UsageError("The file of -d is not a regular file.", "Pass a pipe with -d @- and < FILE.")
    }
    return new Uint8Array(await readFile(file, { signal }))
  } catch (error) {
    if (error instanceof UsageError || signal.aborted) throw error
    throw new UsageError(
      `The file of -d cannot be read: ${fileProblem(error)}.`,
      "Pass -d @FILE, -d @- for stdin, or the body itself if it does not start with @."
    )
  }
}

const head = (response: Response): string => {
  const reason = response.statusText || (STATUS_CODES[response.status] ?? "")
  const lines = [
    `HTTP ${response.status} ${reason}`,
    ...Array.from(response.headers, ([name, value]) => `${name}: ${value}`)
  ].map((line) => (process.stdout.isTTY ? printable(line) : line))
  return `${lines.join("\n")}\n\n`
}

const exitCodeOf = (status: number): number => {
  if (status >= 500) return exitCodes.serverError
  return status >= 400 ? exitCodes.clientError : exitCodes.ok
}

/** What an error status means, and what to do about it, for the person at the terminal. */
const explain = async (keep: TokenKeep, response: Response) => {
  const error = await keep.explain(response)
  if (error === undefined) return note(`tokenkeep: the API responded with ${response.status}`)
  const { fix, what } = forCommandLine(chosenProfile(), error)
  note(`tokenkeep: ${error.code}: ${what} ${fix}`)
}

/** A terminal would obey the control characters of a body; a program gets its bytes as they are. */
async function* forTerminal(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for await (const chunk of chunks) yield printableLines(decoder.decode(chunk, { stream: true }))
  yield printableLines(decoder.decode())
}

const print = (body: Readable, signal: AbortSignal): Promise<void> =>
  process.stdout.isTTY
    ? pipeline(body, forTerminal, process.stdout, { end: false, signal })
    : pipeline(body, process.stdout, { end: false, signal })

/** Sends a request, prints its response, and returns the exit code. */
const exchange = async (
  keep: TokenKeep,
  path: string,
  init: RequestInit & { readonly signal: AbortSignal },
  { fail, include }: RequestOptions
): Promise<number> => {
  const response = await keep.fetch(path, init)
  const code = exitCodeOf(response.status)
  if (code !== exitCodes.ok) await explain(keep, response)
  if (include === true) process.stdout.write(head(response))
  if (response.body === null) return code
  if (code !== exitCodes.ok && fail === true) await response.body.cancel()
  else await print(Readable.fromWeb(response.body as ReadableStream), init.signal)
  // In a terminal, the prompt begins on a line of its own.
  if (process.stdout.isTTY) process.stdout.write("\n")
  return code
}

/** `tokenkeep request`: sends an authorized request, and streams the body to stdout. */
export const request = async (
  givenMethod: string,
  path: string,
  options: RequestOptions,
  signal: AbortSignal
): Promise<number> => {
  const method = methodOf(givenMethod)
  const headers = headersOf(options.header)
  if (options.data !== undefined && (method === "GET" || method === "HEAD")) {
    throw new UsageError(`A ${method} has no body.`, "Leave -d out, or use POST, PUT or PATCH.")
  }
  const body = await bodyOf(options.data, signal)
  await using keep = await openClient(await selectProfile(options))
  try {
    return await exchange(keep, path, { method, headers, signal, ...(body !== undefined && { body }) }, options)
  } catch (error) {
    if (signal.aborted || tokenkeepErrorOf(error) !== undefined) throw error
    // The platform's own error, which has no advice. The path is not shown: its query may hold a secret.
    throw transportFailed(`The request to ${new URL(keep.baseUrl).origin} failed`, error)
  }
}
