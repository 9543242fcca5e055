import { checkOptions, ofType, oneOf } from "../errors/optionChecks.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { type Body, bodyOf } from "./body.ts"
import { authorizationOf, snapshotHeaders } from "./headers.ts"
import { carriesKey, type KeyRules, misusedError } from "./keyRules.ts"
import { resolvePlain, resolveUrl } from "./originRules.ts"
import { withSource } from "./signalSource.ts"

/** A caller's request after the rules were applied. */
export interface PreparedRequest {
  readonly url: string
  /** Without body and signal, which have their own fields. */
  readonly init: RequestInit
  readonly body: Body
  readonly signal: AbortSignal | undefined
  /** Whether the token is added: not if the caller set `Authorization`, nor after a redirect out of the base URL. */
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
   * the default), or replace it by the token (`"replace"`), for SDKs that always set one. A proxy that forwards headers
   * uses `"replace"`: otherwise, a caller's own `Authorization` reaches the API.
   */
  readonly ownAuthorization?: "respect" | "replace" | undefined
  /** `false` sends without a token; `true` by default. */
  readonly auth?: boolean | undefined
}

const fetchChecks = { ownAuthorization: oneOf("respect", "replace"), auth: ofType("boolean") }

/** Throws `CONFIG_INVALID` for options that are unknown or wrong. */
export const checkFetchOptions = (options: FetchOptions | undefined): FetchOptions => {
  checkOptions(options, fetchChecks)
  return options ?? {}
}

/** What fetch reads from an init, and what a `Request` has there by default: passing that on would change nothing. */
const members = Object.entries({
  method: "GET",
  headers: undefined,
  body: null,
  signal: null,
  redirect: "follow",
  credentials: "same-origin",
  cache: "default",
  integrity: "",
  keepalive: false,
  mode: "cors",
  priority: undefined,
  referrer: "about:client",
  referrerPolicy: "",
  dispatcher: undefined
})

type Init = { -readonly [Name in keyof RequestInit]: RequestInit[Name] } & { duplex?: string }

/**
 * Reads an init as fetch does, including what it inherits: a `Request` of any realm and an instance of a class may have
 * only getters. A plain object is returned as it is, since this is on the fast path.
 *
 * @param all Whether members with their default value are read too.
 */
const readInit = (init: RequestInit = {}, all = false): Init => {
  const given: unknown = init
  if (given === null) return {}
  if (typeof given !== "object" && typeof given !== "function") {
    throw new TypeError("The init is not an object.")
  }
  if (Object.getPrototypeOf(init) === Object.prototype) return init
  // fetch requires `duplex` for streams, such as a body above the replay limit.
  const read: Record<string, unknown> = { duplex: "half", ...init }
  for (const [name, usual] of members) {
    if (name in read) continue
    const value = init[name as keyof RequestInit]
    // "navigate" is the one mode that a request may have and an init may not.
    if (value !== undefined && value !== "navigate" && (all || value !== usual)) read[name] = value
  }
  const { signal }: Init = read
  if (signal) withSource(signal, init)
  return read
}

interface Parts {
  readonly url: string | URL
  readonly init: Init
  readonly body: Body
  readonly signal: AbortSignal | null | undefined
}

/** A `Request` of another realm or library becomes one of the platform. */
const platformRequest = (input: string | URL | Request): Request | undefined => {
  if (input instanceof Request) return input
  if (typeof input === "string" || input instanceof URL) return undefined
  const foreign = input as Request
  return typeof foreign.url === "string" ? new Request(foreign.url, readInit(foreign)) : undefined
}

/** The parts of a call with a URL. */
const partsOfUrl = (url: string | URL, init: RequestInit | undefined): Parts => {
  const { body, headers, signal, ...rest } = readInit(init)
  const taken: Init = headers === undefined ? rest : { ...rest, headers: snapshotHeaders(headers) }
  return { url, init: taken, body: bodyOf(body), signal }
}

/** The parts of a call with a `Request`. */
const partsOfRequest = (request: Request, init: RequestInit | undefined): Parts => {
  const { body, signal = withSource(request.signal, request), ...overrides } = readInit(init, true)
  const hasBody = body !== undefined && body !== null
  const isUnchanged =
    !hasBody && Object.keys(overrides).length === 0 && !request.bodyUsed && request.body?.locked !== true
  // The platform decides what an init changes in a request, and refuses a body that was already read.
  const merged = isUnchanged ? request : new Request(request, hasBody ? { ...overrides, body: "" } : overrides)
  const { body: stream, headers, signal: _, ...read } = readInit(merged)
  const unread: Body = stream ? { _tag: "Unread", stream: stream as ReadableStream<Uint8Array> } : { _tag: "None" }
  return {
    url: merged.url,
    init: { ...overrides, ...read, headers: new Headers(headers) },
    body: hasBody ? bodyOf(body) : unread,
    signal
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
  const { headers } = parts.init
  const { method, redirect = "follow" }: { readonly method?: any; readonly redirect?: any } = parts.init
  // fetch converts both to strings; what core decides must be what the transport reads.
  if (method !== undefined) parts.init.method = `${method}`
  const handling = `${redirect}` as RequestRedirect
  if (!/^(follow|manual|error)$/.test(handling)) throw new TypeError("redirect is not follow, manual or error.")
  if (redirect !== "follow") parts.init.redirect = handling
  const { auth = true, ownAuthorization = "respect" } = rules.options
  const prepared: PreparedRequest = {
    url,
    init: parts.init,
    body: parts.body,
    signal: parts.signal ?? undefined,
    addToken: auth && (ownAuthorization === "replace" || authorizationOf(headers) === undefined),
    overrideAuthorization: ownAuthorization === "replace",
    followRedirects: handling === "follow"
  }
  return carriesKey(prepared, rules.keys) ? misusedError() : prepared
}
