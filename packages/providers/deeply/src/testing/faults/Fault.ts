/**
 * Which requests a fault applies to, how many of them, and what happens first.
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
   * `"token-request"`: the reissue endpoint. `"general"`: all other endpoints. `"any"`: all endpoints. Or the start of a
   * path. Default `"any"`.
   */
  readonly on?: "token-request" | "general" | "any" | `/${string}`
  /** How many requests it applies to; `Infinity` for all. Default 1. */
  readonly times?: number
  /** Milliseconds before the server processes the request. Default 0. */
  readonly delay?: number
  /**
   * Runs when the request arrives, before `delay`. If it returns a promise, the request waits for it, which lets a test
   * control concurrency. If it throws, `handle` rejects with that error, and a server on a socket responds with 500.
   */
  readonly before?: () => void | Promise<void>
}

/**
 * The body of a scripted response. A string, bytes or a stream is sent unchanged, and anything else as JSON. If a stream
 * fails, the connection is reset in the middle of the body.
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
 * Responds with this, without checking the request.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type RespondFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const portal: RespondFault = { status: 200, body: "<html>Log in</html>", headers: { "content-type": "text/html" } }
 * fake.script([{ on: "token-request", ...portal }])
 * const response = await fake.handle(new Request("http://fake/api/v1/auth/reissue"))
 * console.log(response.status, response.headers.get("content-type")) // => 200 text/html
 * ```
 */
export interface RespondFault {
  /** 200 to 599. */
  readonly status: number
  /** Default no body. */
  readonly body?: FaultBody
  /** Default only the content type of the body. */
  readonly headers?: RequestInit["headers"]
}

/**
 * Resets the connection. Without a socket, `handle` rejects with a `TypeError`, as `fetch` does.
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
 * Never responds; the request ends when the client aborts or the server is closed.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type HangFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const hang: HangFault = { hang: true }
 * fake.script([hang])
 * const stop = new AbortController()
 * const response = fake.handle(new Request("http://fake/api/v1/events", { signal: stop.signal }))
 * stop.abort(new Error("gave up"))
 * await response.catch((error) => console.log(error.message)) // => gave up
 * ```
 */
export interface HangFault {
  readonly hang: true
}

/**
 * Responds with headers and then a body that never ends.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type EndlessFault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const slowBody: EndlessFault = { endless: true, chunk: 1, interval: 5 }
 * fake.script([slowBody])
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
  readonly headers?: RequestInit["headers"]
  /** Bytes per chunk. Default 1,024. */
  readonly chunk?: number
  /** Milliseconds before each chunk. Default 1. */
  readonly interval?: number
}

/**
 * Responds with a body of this many bytes, all spaces, and its `Content-Length`.
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
  readonly headers?: RequestInit["headers"]
}

/**
 * Redirects the client.
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
  /** The `Location` header: a URL or a path. */
  readonly redirect: string
  /** Default 302. */
  readonly status?: 301 | 302 | 303 | 307 | 308
}

/**
 * Drops the `Authorization` header, as some proxies do; the server then responds with 403.
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

/** Forbids the fields of all other kinds; a plain union would accept a mix. */
type OnlyOne<Kinds, Keys extends PropertyKey = KeysOf<Kinds>> = Kinds extends unknown
  ? Kinds & { readonly [Key in Exclude<Keys, keyof Kinds>]?: never }
  : never

/** The usual response, after `before` and `delay`. */
interface PassFault {
  readonly status?: never
}

/**
 * A scripted fault: which requests it applies to, and one kind of fault. Without a kind, the server responds as usual
 * after `before` and `delay`.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type Fault } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const outage: Fault = { on: "token-request", times: 2, status: 503 }
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
