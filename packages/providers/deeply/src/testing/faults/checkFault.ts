import { checkNames } from "../checkNames.ts"
import { checkNumber, MAX_DELAY } from "../checkNumber.ts"
import type { Fault } from "./Fault.ts"

/** The fields of each kind of fault, besides those of all faults. */
const fieldsOf = {
  reset: [],
  hang: [],
  endless: ["status", "headers", "chunk", "interval"],
  bytes: ["status", "headers"],
  redirect: ["status"],
  dropAuthorization: []
} as const satisfies Readonly<Record<string, readonly (keyof Fault)[]>>
type Kind = keyof typeof fieldsOf
const kinds = Object.keys(fieldsOf) as readonly Kind[]
const common = ["on", "times", "delay", "before"] as const
const fields = [...common, "status", "body", "headers", "chunk", "interval", ...kinds] as const
const scopes: readonly unknown[] = ["token-request", "general", "any", undefined]
const statusesWithoutBody = [204, 205, 304]
const redirectStatuses = [301, 302, 303, 307, 308]

/** @internal Throws an error for a fault that cannot work, so that the test fails at the line that scripts it. */
export const checkFault = (fault: Fault): void => {
  checkNames("a fault", fault, fields)
  checkScope(fault)
  const named = kinds.filter((kind) => fault[kind] !== undefined)
  if (named.length > 1)
    throw new TypeError(
      `A fault has one kind, but this one has \`${named.join("` and `")}\`: script one fault for each`
    )
  checkFields(fault, named[0])
  checkStatus(fault, named[0])
  checkSizes(fault)
  checkHeaders(fault.headers)
}

const checkFields = (fault: Fault, kind: Kind | undefined) => {
  if (kind === undefined) return
  const known: readonly string[] = [...common, kind, ...fieldsOf[kind]]
  const extra = fields.find((field) => fault[field] !== undefined && !known.includes(field))
  if (extra !== undefined) throw new TypeError(`\`${extra}\` has no effect in a fault with \`${kind}\`: leave it out`)
}

/** The platform throws an error that names the invalid header. */
const checkHeaders = (headers?: RequestInit["headers"]) => new Headers(headers)

const checkScope = ({ on, times = 1, delay = 0, before }: Fault) => {
  const fits = scopes.includes(on) || on?.startsWith("/") === true
  if (!fits) throw new TypeError('`on` of a fault: pass "token-request", "general", "any" or the start of a path, "/…"')
  checkNumber("times", times, { unit: "a whole number of requests", from: 1, to: Infinity, whole: true })
  checkNumber("delay", delay, { unit: "milliseconds", from: 0, to: MAX_DELAY })
  if (before !== undefined && typeof before !== "function") throw new TypeError("`before` of a fault: pass a function")
}

const checkStatus = (fault: Fault, kind: Kind | undefined) => {
  if (fault.status === undefined) return checkWithoutStatus(fault, kind)
  checkNumber("status", fault.status, { unit: "an HTTP status", from: 200, to: 599, whole: true })
  if (kind === "redirect" && !redirectStatuses.includes(fault.status))
    throw new RangeError(`\`status\` of a redirect is ${fault.status}: pass one of ${redirectStatuses.join(", ")}`)
  const body = kind === "endless" || kind === "bytes" || (fault.body !== undefined && fault.body !== null)
  if (body && statusesWithoutBody.includes(fault.status))
    throw new RangeError(`A ${fault.status} response has no body: leave the body out, or pass another status`)
  if (isStream(fault.body) && (fault.times ?? 1) > 1)
    throw new TypeError("A stream can be sent only once: leave out `times`, or script one fault for each stream")
}

const checkWithoutStatus = (fault: Fault, kind: string | undefined) => {
  const headers = fault.headers !== undefined && kind === undefined
  if (headers || fault.body !== undefined)
    throw new TypeError("A fault with `body` or `headers` needs a `status`: pass one, such as 200")
}

const checkSizes = ({ bytes = 0, chunk = 1, interval = 0 }: Fault) => {
  checkNumber("bytes", bytes, { unit: "a whole number of bytes", from: 0, to: Number.MAX_SAFE_INTEGER, whole: true })
  checkNumber("chunk", chunk, { unit: "a whole number of bytes", from: 1, to: 2 ** 24, whole: true })
  checkNumber("interval", interval, { unit: "milliseconds", from: 0, to: MAX_DELAY })
}

/** @internal Checks the shape, so that a stream of a polyfill or of another realm is accepted too. */
export const isStream = (body: unknown): body is ReadableStream<Uint8Array<ArrayBuffer>> =>
  typeof body === "object" && body !== null && "getReader" in body
