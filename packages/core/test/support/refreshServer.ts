import type { Provider, TokenVerdict } from "../../src/index.ts"
import type { Call, Script } from "./scriptedTransport.ts"

/** What the server does with one request instead of responding. */
export type Incident = (call: Call, respond: () => Response) => Response | undefined

/** The response does not arrive, although the server has done its work. */
export const lostWith =
  (code: string, syscall?: string): Incident =>
  (call, respond) => {
    respond()
    const reset = Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
    call.fail(new TypeError("fetch failed", { cause: reset }))
    return undefined
  }

export const lost = lostWith("ECONNRESET")

/** The test responds later. */
export const held = () => {
  let respondNow = () => {}
  const incident: Incident = (call, respond) => {
    const response = respond()
    respondNow = () => call.respond(response)
    return undefined
  }
  return { incident, release: () => respondNow() }
}

/** The connection is never made. */
export const refused: Incident = (call) => {
  call.fail(Object.assign(new Error("connect"), { code: "ECONNREFUSED", syscall: "connect" }))
  return undefined
}

export const responds =
  (response: () => Response): Incident =>
  () =>
    response()

/**
 * A token endpoint that replaces the refresh token at each use. A strict one revokes the grant when a refresh token is
 * used twice; with `grace`, each use gives another refresh token that is valid.
 */
export const refreshServer = ({ grace = false, lifetime = 3_600_000 } = {}) => {
  const live = new Set(["refresh-0"])
  const used = new Set<string>()
  const incidents: Array<Incident> = []
  const received: Array<string> = []
  let issued = 0

  const respond = (token: string): Response => {
    if (!live.has(token)) {
      if (used.has(token)) live.clear()
      return Response.json({ error: "invalid_grant" }, { status: 400 })
    }
    if (!grace) live.delete(token)
    used.add(token)
    issued += 1
    live.add(`refresh-${issued}`)
    return Response.json({ token: `token-${issued}`, lifetime, refreshToken: `refresh-${issued}` })
  }

  const script: Script = (call) => {
    const token = typeof call.init.body === "string" ? call.init.body : "none"
    received.push(token)
    const [incident] = incidents.splice(0, 1)
    return incident === undefined ? respond(token) : incident(call, () => respond(token))
  }

  return {
    script,
    /** What happens to the next requests, in order. */
    incidents,
    /** The refresh tokens that were received, in order. */
    received,
    consent: (token: string) => live.add(token),
    withdraw: () => live.clear()
  }
}

const verdictOf = async (response: Response): Promise<TokenVerdict> => {
  const { status } = response
  const text = await response.text()
  if (status >= 500) return { _tag: "Unavailable" }
  if (status === 429) return { _tag: "RateLimited" }
  if (status === 401) return { _tag: "KeyRejected", documented: true }
  if (!text.startsWith("{")) return { _tag: "Invalid", detail: `status ${status}` }
  const { error, refreshToken, token, ...rest } = JSON.parse(text) as Record<string, string>
  if (error === "invalid_grant") return { _tag: "GrantRejected" }
  const next = refreshToken === undefined ? undefined : { refreshToken }
  return token === undefined
    ? { _tag: "Invalid", detail: "no token", ...next }
    : { _tag: "Issued", token, ...next, ...rest }
}

/** A provider that sends the refresh token as the body of its request. */
export const refreshProvider = (grant: Partial<NonNullable<Provider["Service"]["grant"]>> = {}) => ({
  grant: { id: "acme", refreshToken: "refresh-0", allowVolatile: true, ...grant },
  requestToken: async (
    _key: unknown,
    { fetch, refreshToken }: Parameters<Provider["Service"]["requestToken"]>[1]
  ): Promise<TokenVerdict> => verdictOf(await fetch("/token", { method: "POST", body: refreshToken ?? "none" }))
})
