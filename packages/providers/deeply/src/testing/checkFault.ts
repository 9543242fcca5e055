import { checkNumber, MAX_DELAY } from "./checkNumber.ts"
import type { Fault } from "./Fault.ts"

const kinds = ["reset", "hang", "endless", "bytes", "redirect", "dropAuthorization"] as const
const scopes: readonly unknown[] = ["issue", "general", "any", undefined]
const withoutBody = [204, 205, 304]
const redirects = [301, 302, 303, 307, 308]

/** @internal Throws an error that says cause and fix where a fault cannot work, so that it fails in the test's own line. */
export const checkFault = (fault: Fault): void => {
  checkScope(fault)
  const named = kinds.filter((kind) => fault[kind] !== undefined)
  if (named.length > 1) throw new TypeError(`A fault is one of \`${named.join("`, `")}\`: split it into several`)
  checkStatus(fault, named[0])
  checkSizes(fault)
  checkHeaders(fault.headers)
}

/** The platform's own error names the header that cannot be sent. */
const checkHeaders = (headers?: HeadersInit) => new Headers(headers)

const checkScope = ({ on, times = 1, delay = 0, before }: Fault) => {
  const fits = scopes.includes(on) || on?.startsWith("/") === true
  if (!fits) throw new TypeError('`on` of a fault: give "issue", "general", "any" or the beginning of a path, "/…"')
  checkNumber("times", times, { unit: "a whole number of requests", from: 1, to: Infinity, whole: true })
  checkNumber("delay", delay, { unit: "milliseconds", from: 0, to: MAX_DELAY })
  if (before !== undefined && typeof before !== "function") throw new TypeError("`before` of a fault: give a function")
}

const checkStatus = (fault: Fault, kind: (typeof kinds)[number] | undefined) => {
  if (fault.status === undefined) return checkNoAnswer(fault, kind)
  checkNumber("status", fault.status, { unit: "an HTTP status", from: 200, to: 599, whole: true })
  if (kind === "redirect" && !redirects.includes(fault.status))
    throw new RangeError(`\`status\` of a redirect is ${fault.status}: give one of ${redirects.join(", ")}`)
  const body = kind === "endless" || kind === "bytes" || (fault.body !== undefined && fault.body !== null)
  if (body && withoutBody.includes(fault.status))
    throw new RangeError(`An answer ${fault.status} has no body: leave the body out, or give another status`)
  if (isStream(fault.body) && (fault.times ?? 1) > 1)
    throw new TypeError("A stream can be sent once only: leave out `times`, or script one fault a stream")
}

const checkNoAnswer = (fault: Fault, kind: string | undefined) => {
  const headers = fault.headers !== undefined && kind === undefined
  if (headers || fault.body !== undefined) throw new TypeError("A fault with `body` or `headers` needs a `status`")
}

const checkSizes = ({ bytes = 0, chunk = 1, interval = 0 }: Fault) => {
  checkNumber("bytes", bytes, { unit: "a whole number of bytes", from: 0, to: Number.MAX_SAFE_INTEGER, whole: true })
  checkNumber("chunk", chunk, { unit: "a whole number of bytes", from: 1, to: 2 ** 24, whole: true })
  checkNumber("interval", interval, { unit: "milliseconds", from: 0, to: MAX_DELAY })
}

/** @internal By shape, since a polyfill's or another realm's stream will do as well. */
export const isStream = (body: unknown): body is ReadableStream<Uint8Array<ArrayBuffer>> =>
  typeof body === "object" && body !== null && "getReader" in body
