import { AuthError } from "../AuthError.ts"
import { type Body, bodyOf } from "./body.ts"
import { authorizationOf, headerValues } from "./headers.ts"
import type { KnownKeys } from "./KnownKeys.ts"
import { resolveUrl } from "./originRules.ts"

/** A caller's request after the rules: where it goes, and whether our token goes with it. */
export interface Outgoing {
  readonly url: string
  /** Without body and signal, which have their own places. */
  readonly init: RequestInit
  readonly body: Body
  readonly signal: AbortSignal | undefined
  /** Whether our token is put on it: not over the caller's own `Authorization`, nor on another origin. */
  readonly attach: boolean
  /** Whether ours takes the place of the caller's own. */
  readonly replaces: boolean
  /** Whether redirects are followed here, as fetch would. */
  readonly follows: boolean
}

/** How one `fetch` treats its requests. */
export interface FetchOptions {
  readonly ownAuthorization?: "respect" | "replace" | undefined
  readonly auth?: boolean | undefined
}

const misused = () =>
  AuthError.of(
    { _tag: "ApiKeyMisused" },
    {
      what: "The request carries an API key, which may go to the issue endpoint only.",
      fix: "Leave the Authorization header out: the access token is put there for you."
    }
  )

/** The parts of a `Request` that fetch would take from it. */
const initOf = (request: Request): RequestInit => ({
  method: request.method,
  headers: request.headers,
  redirect: request.redirect,
  credentials: request.credentials,
  cache: request.cache,
  integrity: request.integrity,
  keepalive: request.keepalive,
  referrerPolicy: request.referrerPolicy,
  ...(request.referrer === "about:client" ? undefined : { referrer: request.referrer }),
  // "navigate" is the one mode that a request may have and an init may not.
  ...(request.mode === "navigate" ? undefined : { mode: request.mode })
})

interface Parts {
  readonly url: string | URL
  readonly init: RequestInit
  readonly body: Body
  readonly signal: AbortSignal | null | undefined
}

const partsOf = (input: RequestInfo | URL, init: RequestInit | undefined): Parts => {
  if (!(input instanceof Request)) {
    const { body, signal, ...rest } = init ?? {}
    return { url: input, init: rest, body: bodyOf(body), signal }
  }
  const { body, ...overrides } = init ?? {}
  // The platform decides what an init changes in a request, and refuses a body that was read already.
  const merged = new Request(input, body === undefined || body === null ? overrides : { ...overrides, body: "" })
  const unread: Body = merged.body === null ? { _tag: "None" } : { _tag: "Unread", stream: merged.body }
  return {
    url: merged.url,
    init: { ...overrides, ...initOf(merged) },
    body: body === undefined || body === null ? unread : bodyOf(body),
    signal: merged.signal
  }
}

/**
 * Applies the rules to a caller's request, synchronously and without a copy where none is needed: this is on the hit
 * path. Throws what fetch would throw for an input that is no request at all.
 */
export const outgoingOf = (
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  rules: { readonly base: URL; readonly knownKeys: KnownKeys["Service"]; readonly options: FetchOptions }
): Outgoing | AuthError => {
  const parts = partsOf(input, init)
  const url = resolveUrl(typeof parts.url === "string" ? parts.url : parts.url.href, rules.base)
  if (url instanceof AuthError) return url
  const { headers, redirect } = parts.init
  for (const value of headerValues(headers)) if (rules.knownKeys.isIn(value)) return misused()
  if (rules.knownKeys.isIn(url.href)) return misused()
  const { auth = true, ownAuthorization = "respect" } = rules.options
  const attach = auth && (ownAuthorization === "replace" || authorizationOf(headers) === undefined)
  return {
    url: url.href,
    init: parts.init,
    body: parts.body,
    signal: parts.signal ?? undefined,
    attach,
    replaces: ownAuthorization === "replace",
    follows: redirect === undefined || redirect === "follow"
  }
}
