/**
 * Which requests a fault meets, how often, and what happens before it.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type FaultScope } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const twiceAtMics: FaultScope = { on: "/api/v1/mics", times: 2 }
 * fake.script([{ ...twiceAtMics, status: 503 }])
 * console.log(fake.stats.faultsLeft) // => 2
 * ```
 */
export interface FaultScope {
  /**
   * `"issue"`: the reissue endpoint; `"general"`: all others; `"any"`: both; or the beginning of a path.
   * Default `"any"`.
   */
  readonly on?: "issue" | "general" | "any" | `/${string}`
  /** How many requests it meets; `Infinity` for all from now on. Default 1. */
  readonly times?: number
  /** Milliseconds the request is held up on its way in, before anything is decided about it. Default 0. */
  readonly delay?: number
  /**
   * Runs when the request arrives, before `delay`. Where it gives a promise, the request waits for that: a gate for
   * tests of concurrency. Where it throws, `handle` rejects with that, and a server on a socket answers 500.
   */
  readonly before?: () => void | Promise<void>
}

/**
 * The body of a scripted answer: text, bytes and a stream go out as they are, anything else as JSON. A stream that
 * fails breaks the connection in the middle of the body.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type FaultBody } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const body: FaultBody = { detail: { message: "Down for maintenance." } }
 * fake.script([{ status: 503, body }])
 * const response = await fake.handle(new Request("http://fake/api/v1/events"))
 * console.log(await response.text()) // => {"detail":{"message":"Down for maintenance."}}
 * ```
 */
export type FaultBody = string | number | boolean | null | object

/**
 * Answers this in place of the server, whatever the request carries.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type RespondFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const portal: RespondFault = { status: 200, body: "<html>Log in</html>", headers: { "content-type": "text/html" } }
 * fake.script([{ on: "issue", ...portal }])
 * const response = await fake.handle(new Request("http://fake/api/v1/auth/reissue"))
 * console.log(response.status, response.headers.get("content-type")) // => 200 text/html
 * ```
 */
export interface RespondFault {
  /** 200 to 599. */
  readonly status: number
  /** Default: no body. */
  readonly body?: FaultBody
  /** Default: only the content type that the body implies. */
  readonly headers?: HeadersInit
}

/**
 * Resets the connection; without a socket, `handle` rejects with a `TypeError`, as `fetch` does.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type ResetFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const reset: ResetFault = { reset: true }
 * fake.script([reset])
 * await fake.handle(new Request("http://fake/api/v1/events")).catch((error) => console.log(error.message))
 * // => fetch failed
 * ```
 */
export interface ResetFault {
  readonly reset: true
}

/**
 * Never answers; it ends when the client aborts or the server closes.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type HangFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const hang: HangFault = { hang: true }
 * fake.script([hang])
 * const stop = new AbortController()
 * const answer = fake.handle(new Request("http://fake/api/v1/events", { signal: stop.signal }))
 * stop.abort(new Error("gave up"))
 * await answer.catch((error) => console.log(error.message)) // => gave up
 * ```
 */
export interface HangFault {
  readonly hang: true
}

/**
 * Answers with headers and then a body that never ends.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type EndlessFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const drip: EndlessFault = { endless: true, chunk: 1, interval: 5 }
 * fake.script([drip])
 * const response = await fake.handle(new Request("http://fake/api/v1/events"))
 * const reader = response.body?.getReader()
 * console.log((await reader?.read())?.value?.byteLength) // => 1
 * await reader?.cancel()
 * ```
 */
export interface EndlessFault {
  readonly endless: true
  /** 200 to 599. Default 200. */
  readonly status?: number
  readonly headers?: HeadersInit
  /** Bytes that go out at once. Default 1,024. */
  readonly chunk?: number
  /** Milliseconds before each chunk. Default 1. */
  readonly interval?: number
}

/**
 * Answers with a body of that many bytes (spaces), and says so in `Content-Length`.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type BytesFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const large: BytesFault = { bytes: 100_000 }
 * fake.script([large])
 * const response = await fake.handle(new Request("http://fake/api/v1/events"))
 * console.log((await response.arrayBuffer()).byteLength) // => 100000
 * ```
 */
export interface BytesFault {
  readonly bytes: number
  /** 200 to 599. Default 200. */
  readonly status?: number
  readonly headers?: HeadersInit
}

/**
 * Sends the client elsewhere.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type RedirectFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const redirect: RedirectFault = { redirect: "/api/v1/mics", status: 307 }
 * fake.script([redirect])
 * const response = await fake.handle(new Request("http://fake/api/v1/events"))
 * console.log(response.status, response.headers.get("location")) // => 307 /api/v1/mics
 * ```
 */
export interface RedirectFault {
  /** The `Location`: a URL or a path. */
  readonly redirect: string
  /** Default 302. */
  readonly status?: 301 | 302 | 303 | 307 | 308
}

/**
 * Loses the `Authorization` header on the way, as some proxies do; the server then answers that no token was sent.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type DropAuthorizationFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const proxy: DropAuthorizationFault = { dropAuthorization: true }
 * fake.script([proxy])
 * const headers = { authorization: `Bearer ${fake.apiKey}` }
 * const response = await fake.handle(new Request("http://fake/api/v1/auth/reissue", { headers }))
 * console.log(response.status) // => 403
 * ```
 */
export interface DropAuthorizationFault {
  readonly dropAuthorization: true
}

type KeysOf<Kinds> = Kinds extends unknown ? keyof Kinds : never

/** One kind a fault: what belongs to the other kinds is forbidden, which a plain union would let pass. */
type OnlyOne<Kinds, Keys extends PropertyKey = KeysOf<Kinds>> = Kinds extends unknown
  ? Kinds & { readonly [Key in Exclude<Keys, keyof Kinds>]?: never }
  : never

/** No kind at all: the ordinary answer, after `before` and `delay`. */
interface PassFault {
  readonly status?: never
}

/**
 * One scripted event: which requests it meets, and one kind of fault. With no kind, the request is answered as usual,
 * after `before` and `delay`.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type Fault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const outage: Fault = { on: "issue", times: 2, status: 503 }
 * const revocation: Fault = { on: "general", before: () => fake.revokeTokens() }
 * fake.script([outage, revocation])
 * console.log(fake.stats.faultsLeft) // => 3
 * ```
 */
export type Fault = FaultScope &
  OnlyOne<
    | PassFault
    | RespondFault
    | ResetFault
    | HangFault
    | EndlessFault
    | BytesFault
    | RedirectFault
    | DropAuthorizationFault
  >
