import type { TransportResponse } from "../Transport.ts"
import { AuthError } from "../AuthError.ts"
import type { Outgoing } from "./outgoing.ts"

/** As many as fetch follows: https://fetch.spec.whatwg.org/#http-redirect-fetch */
export const maxHops = 20

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/** Whether a response asks to go elsewhere; a browser shows such a one as status 0 without a `Location`. */
export const isRedirect = (response: Pick<TransportResponse, "status">): boolean =>
  redirectStatuses.has(response.status) || response.status === 0

const refused = (from: URL, to: URL, what: string) =>
  AuthError.of(
    { _tag: "RedirectRefused", from: from.origin, to: to.origin },
    { what, fix: "Set the host to where the API really is, or handle it yourself with redirect: 'manual'." }
  )

/** Headers that describe a body, dropped with it. */
const bodyHeaders = ["content-encoding", "content-language", "content-location", "content-type", "content-length"]

/** Headers that name the caller, which another origin must not see. */
const callerHeaders = ["authorization", "cookie", "proxy-authorization", "host"]

const without = (headers: HeadersInit | undefined, names: ReadonlyArray<string>): Headers => {
  const copy = new Headers(headers)
  for (const name of names) copy.delete(name)
  return copy
}

/** What fetch itself rejects with where a redirect cannot be followed. */
const failed = (why: string) => new TypeError("fetch failed", { cause: new Error(why) })

const becomesGet = (status: number, method: string): boolean =>
  (status === 303 && method !== "GET" && method !== "HEAD") || ((status === 301 || status === 302) && method === "POST")

/**
 * Where a redirect leads, as the next request to send (REQ-3). The same origin keeps the token; another one is followed
 * without it, unless that is refused by option, by plain http, or by a body that would go along.
 *
 * Answers `undefined` when the response is for the caller: there is no `Location`.
 */
export const nextHop = (
  outgoing: Outgoing,
  response: TransportResponse,
  policy: "strip" | "refuse"
): Outgoing | AuthError | TypeError | undefined => {
  const location = response.headers.get("location")
  if (location === null) return undefined
  const from = new URL(outgoing.url)
  if (!URL.canParse(location, from)) return failed("invalid Location")
  const to = new URL(location, from)
  if (to.protocol !== "http:" && to.protocol !== "https:") return failed("the redirect leaves http")
  if (to.username !== "" || to.password !== "") return failed("the redirect carries a user name or password")
  if (to.hash === "") to.hash = from.hash
  const { init } = outgoing
  const method = (init.method ?? "GET").toUpperCase()
  const dropsBody = becomesGet(response.status, method)
  const crossOrigin = to.origin !== from.origin
  const body = dropsBody ? { _tag: "None" as const } : outgoing.body
  if (crossOrigin) {
    if (from.protocol === "https:" && to.protocol === "http:") {
      return refused(from, to, "The server redirects from https to plain http.")
    }
    if (policy === "refuse")
      return refused(from, to, "The server redirects to another origin, which the options refuse.")
    if (body._tag !== "None")
      return refused(from, to, "The server redirects a request with its body to another origin.")
  }
  if (body._tag === "Once") return failed("a stream cannot be sent again")
  const dropped = [...(dropsBody ? bodyHeaders : []), ...(crossOrigin ? callerHeaders : [])]
  return {
    ...outgoing,
    url: to.href,
    attach: outgoing.attach && !crossOrigin,
    body,
    init: {
      ...init,
      ...(dropped.length === 0 ? undefined : { headers: without(init.headers, dropped) }),
      ...(dropsBody ? { method: "GET" } : undefined)
    }
  }
}
