import { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { TransportResponse } from "../ports/TransportResponse.ts"
import { isBelow } from "./originRules.ts"
import type { PreparedRequest } from "./preparedRequest.ts"

/** As many as fetch follows: https://fetch.spec.whatwg.org/#http-redirect-fetch */
const maxRedirects = 20

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/** Whether a response is a redirect; browsers show one as status 0 without a `Location`. */
export const isRedirect = (response: Pick<TransportResponse, "status">): boolean =>
  redirectStatuses.has(response.status) || response.status === 0

const refused = (from: URL, to: URL, what: string) =>
  TokenkeepError.of(
    { _tag: "RedirectRefused", from: from.origin, to: to.origin },
    { what, fix: "Set the host to the API's final address, or handle redirects yourself with redirect: 'manual'." }
  )

/** The error of a refused redirect whose URL contains a part of a credential. */
export const unnamedRedirect = () =>
  TokenkeepError.of(
    { _tag: "RedirectRefused", from: "unknown", to: "unknown" },
    {
      what: "A redirect was refused, because its URL contains a part of a credential.",
      fix: "Find out which server sends it."
    }
  )

/** Headers that describe a body, removed with it. */
const bodyHeaders = ["content-encoding", "content-language", "content-location", "content-type", "content-length"]

/** Headers that identify the caller, which another origin must not receive. */
const callerHeaders = ["authorization", "cookie", "proxy-authorization", "host"]

const without = (headers: RequestInit["headers"], names: ReadonlyArray<string>): Headers => {
  const copy = new Headers(headers)
  for (const name of names) copy.delete(name)
  return copy
}

/** What fetch itself rejects with if a redirect cannot be followed. */
const failed = (why: string) => new TypeError("fetch failed", { cause: new Error(why) })

const becomesGet = (status: number, method: string): boolean =>
  (status === 303 && method !== "GET" && method !== "HEAD") || ((status === 301 || status === 302) && method === "POST")

/** Where a redirect leads, or what fetch rejects with. */
const targetOf = (location: string, from: URL): URL | TypeError => {
  if (!URL.canParse(location, from)) return failed("invalid Location")
  const to = new URL(location, from)
  if (to.protocol !== "http:" && to.protocol !== "https:") return failed("the redirect leaves http")
  if (to.username !== "" || to.password !== "") return failed("the redirect carries a user name or password")
  if (to.hash === "") to.hash = from.hash
  return to
}

/** What core knows of a redirect, besides the request and its response. */
interface RedirectRules {
  readonly base: string
  readonly policy: "strip" | "refuse"
  /** How many redirects were followed before. */
  readonly followed: number
}

/**
 * The next request after a redirect. A URL below the base keeps the token; any other is followed without it, unless the
 * options refuse that. Another origin is refused if it is plain http, or if a body would be sent along.
 *
 * Returns `undefined` if there is no `Location`, so that the response is for the caller.
 */
export const nextRequest = (
  request: PreparedRequest,
  response: TransportResponse,
  { base, followed, policy }: RedirectRules
): PreparedRequest | TokenkeepError | TypeError | undefined => {
  const location = response.headers.get("location")
  if (location === null) return undefined
  const from = new URL(request.url)
  const to = targetOf(location, from)
  if (to instanceof TypeError) return to
  const { init } = request
  const dropsBody = becomesGet(response.status, (init.method ?? "GET").toUpperCase())
  const body = dropsBody ? { _tag: "None" as const } : request.body
  const crossOrigin = to.origin !== from.origin
  const leavesBase = !isBelow(to.href, base)
  const path = `${from.origin}${from.pathname}`
  if (leavesBase && policy === "refuse") {
    return refused(from, to, `${path} redirects out of the base URL, which the option redirects refuses.`)
  }
  if (crossOrigin && from.protocol === "https:" && to.protocol === "http:") {
    return refused(from, to, `${path} redirects from https to plain http.`)
  }
  if (crossOrigin && body._tag !== "None") {
    return refused(from, to, `${path} redirects a request with a body to another origin.`)
  }
  if (body._tag === "Once") return failed("a stream cannot be sent again")
  if (followed === maxRedirects) return failed("redirect count exceeded")
  const dropped = [...(dropsBody ? bodyHeaders : []), ...(crossOrigin ? callerHeaders : [])]
  return {
    ...request,
    url: to.href,
    addToken: request.addToken && !leavesBase,
    body,
    init: {
      ...init,
      ...(dropped.length === 0 ? undefined : { headers: without(init.headers, dropped) }),
      ...(dropsBody ? { method: "GET" } : undefined)
    }
  }
}
