import { AuthError } from "../AuthError.ts"
import { type Body, bodyOf, textsOf } from "./body.ts"
import { authorizationOf, headersNow, headerValues } from "./headers.ts"
import { resolvePlain, resolveUrl } from "./originRules.ts"

/** A caller's request after the rules: where it goes, and whether our token goes with it. */
export interface Outgoing {
  readonly url: string
  /** Without body and signal, which have their own places. */
  readonly init: RequestInit
  readonly body: Body
  readonly signal: AbortSignal | undefined
  /** Whether the call may be ended by something else than its signal, as an effect may. */
  readonly interruptible?: boolean
  /** Whether our token is put on it: not over the caller's own `Authorization`, nor on another origin. */
  readonly attach: boolean
  /** Whether ours takes the place of the caller's own. */
  readonly replaces: boolean
  /** Whether redirects are followed here, as fetch would. */
  readonly follows: boolean
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
   * What to do with an `Authorization` header of the caller's own: send it untouched, without renewal or replay
   * (`"respect"`, the default), or put the token over it (`"replace"`), for SDKs that always set one.
   */
  readonly ownAuthorization?: "respect" | "replace" | undefined
  /** `false` sends without a token; `true` by default. */
  readonly auth?: boolean | undefined
}

export const misusedError = () =>
  AuthError.of(
    { _tag: "ApiKeyMisused" },
    {
      what: "The request carries an API key, which may go to the issue endpoint only.",
      fix: "Leave the key out: the access token is put on the request for you."
    }
  )

/** What fetch wants to be told before it sends a stream, as a body past the replay limit is. */
const halfDuplex = { duplex: "half" } as const

/** What a `Request` says of itself when nothing was said to it: to say it again would cost, and change nothing. */
const unsaid = {
  redirect: "follow",
  credentials: "same-origin",
  cache: "default",
  integrity: "",
  keepalive: false,
  mode: "cors",
  referrer: "about:client",
  referrerPolicy: ""
} as const

/** The parts of a `Request` that fetch would take from it. */
const initOf = (request: Request): RequestInit => {
  const said = (Object.keys(unsaid) as Array<keyof typeof unsaid>).filter((key) => request[key] !== unsaid[key])
  return {
    method: request.method,
    headers: request.headers,
    ...halfDuplex,
    // "navigate" is the one mode that a request may have and an init may not.
    ...Object.fromEntries(said.map((key) => [key, request[key]]).filter(([, value]) => value !== "navigate"))
  }
}

interface Parts {
  readonly url: string | URL
  readonly init: RequestInit
  readonly body: Body
  readonly signal: AbortSignal | null | undefined
}

/** A `Request` of another realm or library, rebuilt as the platform's own. */
const platformRequest = (input: RequestInfo | URL): Request | undefined => {
  if (input instanceof Request) return input
  if (typeof input === "string" || input instanceof URL) return undefined
  const foreign = input as Request
  if (typeof foreign.url !== "string") return undefined
  return new Request(foreign.url, { ...initOf(foreign), body: foreign.body, signal: foreign.signal })
}

/** Whether the platform would make the same of it: nothing is to change, and its body is all there. */
const isAsItIs = (request: Request, init: RequestInit | undefined): boolean =>
  (init === undefined || Object.keys(init).length === 0) && !request.bodyUsed && request.body?.locked !== true

const partsOf = (input: RequestInfo | URL, init: RequestInit | undefined): Parts => {
  const request = platformRequest(input)
  if (request === undefined) {
    // A `Request` may stand in for the init: what fetch would read from it are no properties of its own.
    const given = init instanceof Request ? { ...initOf(init), body: init.body, signal: init.signal } : (init ?? {})
    const { body, headers, signal, ...rest } = given
    const taken = headers === undefined ? rest : { ...rest, headers: headersNow(headers) }
    return { url: input as string | URL, init: taken, body: bodyOf(body), signal }
  }
  if (isAsItIs(request, init)) {
    const unread: Body = request.body === null ? { _tag: "None" } : { _tag: "Unread", stream: request.body }
    const taken = { ...initOf(request), headers: new Headers(request.headers) }
    return { url: request.url, init: taken, body: unread, signal: request.signal }
  }
  const { body, ...overrides } = init ?? {}
  // The platform decides what an init changes in a request, and refuses a body that was read already.
  const merged = new Request(request, body === undefined || body === null ? overrides : { ...overrides, body: "" })
  const unread: Body = merged.body === null ? { _tag: "None" } : { _tag: "Unread", stream: merged.body }
  return {
    url: merged.url,
    init: { ...overrides, ...initOf(merged) },
    body: body === undefined || body === null ? unread : bodyOf(body),
    signal: merged.signal
  }
}

const hrefOf = (input: string | URL, base: URL): string | AuthError => {
  const plain = typeof input === "string" ? resolvePlain(input, base) : undefined
  if (plain !== undefined) return plain
  const url = resolveUrl(input, base)
  return url instanceof AuthError ? url : url.href
}

/** How keys are recognised: this client's anywhere, another client's as a word of a header. */
export interface KeyRules {
  readonly own: (text: string) => boolean
  readonly others: (value: string) => boolean
}

/** Whether an API key stands where a person may have put it by mistake: URL, headers, body. */
export const carriesKey = ({ body, init, url }: Pick<Outgoing, "url" | "init" | "body">, keys: KeyRules): boolean => {
  if (keys.own(url)) return true
  for (const value of headerValues(init.headers)) if (keys.own(value) || keys.others(value)) return true
  return body._tag === "Replayable" && textsOf(body.value).some(keys.own)
}

/**
 * Applies the rules to a caller's request, synchronously and without a copy where none is needed: this is on the hit
 * path. Throws what fetch would throw for an input that is no request at all.
 */
export const outgoingOf = (
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  rules: { readonly base: URL; readonly keys: KeyRules; readonly options: FetchOptions }
): Outgoing | AuthError => {
  const parts = partsOf(input, init)
  const url = hrefOf(parts.url, rules.base)
  if (url instanceof AuthError) return url
  const { headers, redirect } = parts.init
  const { auth = true, ownAuthorization = "respect" } = rules.options
  const outgoing: Outgoing = {
    url,
    init: parts.init,
    body: parts.body,
    signal: parts.signal ?? undefined,
    attach: auth && (ownAuthorization === "replace" || authorizationOf(headers) === undefined),
    replaces: ownAuthorization === "replace",
    follows: redirect === undefined || redirect === "follow"
  }
  return carriesKey(outgoing, rules.keys) ? misusedError() : outgoing
}
