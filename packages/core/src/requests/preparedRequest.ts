import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { type Body, bodyOf } from "./body.ts"
import { authorizationOf, snapshotHeaders } from "./headers.ts"
import { carriesKey, type KeyRules, misusedError } from "./keyRules.ts"
import { resolvePlain, resolveUrl } from "./originRules.ts"

/** A caller's request after the rules were applied. */
export interface PreparedRequest {
  readonly url: string
  /** Without body and signal, which have their own fields. */
  readonly init: RequestInit
  readonly body: Body
  readonly signal: AbortSignal | undefined
  /** Whether the token is added: not if the caller set `Authorization`, nor for another origin. */
  readonly addToken: boolean
  /** Whether the token replaces the caller's own `Authorization`. */
  readonly overrideAuthorization: boolean
  /** Whether redirects are followed, as fetch does by default. */
  readonly followRedirects: boolean
}

/**
 * How one `fetch` treats its requests.
 *
 * @example
 * ```ts
 * import type { FetchOptions } from "@tokenkeep/core"
 *
 * const options: FetchOptions = { ownAuthorization: "replace" }
 * console.log(options.ownAuthorization) // => replace
 * ```
 */
export interface FetchOptions {
  /**
   * What to do with the caller's own `Authorization` header: send it unchanged, without renewal and replay (`"respect"`,
   * the default), or replace it by the token (`"replace"`), for SDKs that always set one.
   */
  readonly ownAuthorization?: "respect" | "replace" | undefined
  /** `false` sends without a token; `true` by default. */
  readonly auth?: boolean | undefined
}

/** The defaults of a `Request`: passing them on would cost time and change nothing. */
const requestDefaults = {
  redirect: "follow",
  credentials: "same-origin",
  cache: "default",
  integrity: "",
  keepalive: false,
  mode: "cors",
  referrer: "about:client",
  referrerPolicy: ""
} as const

/** The parts of a `Request` that fetch takes from it. */
const initOf = (request: Request): RequestInit & { readonly duplex: "half" } => {
  const keys = Object.keys(requestDefaults) as Array<keyof typeof requestDefaults>
  const changed = keys.filter((key) => request[key] !== requestDefaults[key])
  return {
    method: request.method,
    headers: request.headers,
    // fetch requires it for streams, such as a body above the replay limit.
    duplex: "half",
    // "navigate" is the one mode that a request may have and an init may not.
    ...Object.fromEntries(changed.map((key) => [key, request[key]]).filter(([, value]) => value !== "navigate"))
  }
}

interface Parts {
  readonly url: string | URL
  readonly init: RequestInit
  readonly body: Body
  readonly signal: AbortSignal | null | undefined
}

const unreadBody = ({ body }: Request): Body => (body === null ? { _tag: "None" } : { _tag: "Unread", stream: body })

/** A `Request` of another realm or library becomes one of the platform. */
const platformRequest = (input: string | URL | Request): Request | undefined => {
  if (input instanceof Request) return input
  if (typeof input === "string" || input instanceof URL) return undefined
  const foreign = input as Request
  if (typeof foreign.url !== "string") return undefined
  return new Request(foreign.url, { ...initOf(foreign), body: foreign.body, signal: foreign.signal })
}

/** Whether the platform would take the request unchanged: no init changes it, and its body is still there. */
const isUnchanged = (request: Request, init: RequestInit | undefined): boolean =>
  (init === undefined || Object.keys(init).length === 0) && !request.bodyUsed && request.body?.locked !== true

/** The parts of a call with a URL. */
const partsOfUrl = (url: string | URL, init: RequestInit | undefined): Parts => {
  // A `Request` may be passed as init: what fetch reads from it are not own properties.
  const given = init instanceof Request ? { ...initOf(init), body: init.body, signal: init.signal } : (init ?? {})
  const { body, headers, signal, ...rest } = given
  const taken = headers === undefined ? rest : { ...rest, headers: snapshotHeaders(headers) }
  return { url, init: taken, body: bodyOf(body), signal }
}

/** The parts of a call with a `Request`. */
const partsOfRequest = (request: Request, init: RequestInit | undefined): Parts => {
  if (isUnchanged(request, init)) {
    const taken = { ...initOf(request), headers: new Headers(request.headers) }
    return { url: request.url, init: taken, body: unreadBody(request), signal: request.signal }
  }
  const { body, ...overrides } = init ?? {}
  const hasBody = body !== undefined && body !== null
  // The platform decides what an init changes in a request, and refuses a body that was already read.
  const merged = new Request(request, hasBody ? { ...overrides, body: "" } : overrides)
  return {
    url: merged.url,
    init: { ...overrides, ...initOf(merged) },
    body: hasBody ? bodyOf(body) : unreadBody(merged),
    signal: merged.signal
  }
}

const hrefOf = (input: string | URL, base: URL): string | TokenkeepError => {
  const plain = typeof input === "string" ? resolvePlain(input, base) : undefined
  if (plain !== undefined) return plain
  const url = resolveUrl(input, base)
  return url instanceof TokenkeepError ? url : url.href
}

/**
 * Applies the rules to a caller's request, synchronously and without unneeded copies: this is on the fast path. Throws
 * what fetch throws for an input that is not a request.
 */
export const prepareRequest = (
  input: string | URL | Request,
  init: RequestInit | undefined,
  rules: { readonly base: URL; readonly keys: KeyRules; readonly options: FetchOptions }
): PreparedRequest | TokenkeepError => {
  const request = platformRequest(input)
  const parts = request === undefined ? partsOfUrl(input as string | URL, init) : partsOfRequest(request, init)
  const url = hrefOf(parts.url, rules.base)
  if (url instanceof TokenkeepError) return url
  const { headers, redirect } = parts.init
  const { auth = true, ownAuthorization = "respect" } = rules.options
  const prepared: PreparedRequest = {
    url,
    init: parts.init,
    body: parts.body,
    signal: parts.signal ?? undefined,
    addToken: auth && (ownAuthorization === "replace" || authorizationOf(headers) === undefined),
    overrideAuthorization: ownAuthorization === "replace",
    followRedirects: redirect === undefined || redirect === "follow"
  }
  return carriesKey(prepared, rules.keys) ? misusedError() : prepared
}
