import type { TokenKeep } from "@tokenkeep/core"
import { type ConsoleFeed, consolePage } from "console-page"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Activity } from "../activity.ts"
import { type Refusal, refuse } from "../checks/Refusal.ts"
import { makeEvents } from "./events.ts"
import { healthOf } from "./health.ts"
import { makeMetrics } from "./metrics.ts"

/** Paths of the sidecar itself. */
export const prefix = "/-/"

const reply = (response: ServerResponse, body: string, headers: Readonly<Record<string, string>>): undefined => {
  response.writeHead(200, { "cache-control": "no-store", "content-length": Buffer.byteLength(body), ...headers })
  response.end(body)
}

const json = { "content-type": "application/json" }

const notFound = (names: ReadonlyArray<string>): Refusal => ({
  status: 404,
  code: "NOT_FOUND",
  message: "The sidecar has no such page.",
  fix: `Use ${names.map((name) => prefix + name).join(", ")}. Paths that begin with ${prefix} are not forwarded.`
})

const notAllowed: Refusal = {
  status: 405,
  code: "METHOD_NOT_ALLOWED",
  message: "The sidecar's own pages can only be read.",
  fix: "Use GET.",
  headers: { allow: "GET, HEAD" }
}

const tokenHidden: Refusal = {
  status: 403,
  code: "TOKEN_HIDDEN",
  message: "This sidecar does not show its token.",
  fix: "Send the request through the sidecar, or start it with --allow-token."
}

/** The sidecar's own pages: what they return is a refusal, if there is one. */
export const makeOwnEndpoints = (options: {
  readonly client: TokenKeep
  readonly feed: ConsoleFeed
  readonly activity: Activity
  readonly allowToken: boolean
  readonly now: () => number
}) => {
  const { activity, allowToken, client, feed, now } = options
  const events = makeEvents(feed)
  const metricsText = makeMetrics(activity)

  const endpoints: Readonly<
    Record<string, (response: ServerResponse) => Refusal | undefined | void | Promise<Refusal | undefined | void>>
  > = {
    health: async (response) => {
      const { refusal, ...health } = await healthOf(client)
      if (refusal === undefined) reply(response, JSON.stringify(health), json)
      else refuse(response, refusal, now(), health)
    },
    metrics: async (response) =>
      reply(response, await metricsText(), { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
    events: (response) => events.stream(response),
    console: (response) => {
      const { contentSecurityPolicy, html } = consolePage()
      return reply(response, html, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": contentSecurityPolicy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer"
      })
    },
    token: async (response) => {
      if (!allowToken) return tokenHidden
      const token = await client.token()
      const { expiresAt, id } = token
      return reply(response, JSON.stringify({ token: token.reveal(), id, expiresAt: expiresAt ?? null }), json)
    }
  }

  return {
    handle: async (
      { method }: IncomingMessage,
      response: ServerResponse,
      path: string
    ): Promise<Refusal | undefined> => {
      const [name = ""] = path.slice(prefix.length).split("?", 1)
      if (!Object.hasOwn(endpoints, name)) return notFound(Object.keys(endpoints))
      // A stream has no end, which a HEAD would wait for.
      if (method !== "GET" && (method !== "HEAD" || name === "events")) return notAllowed
      return (await endpoints[name]!(response)) ?? undefined
    },
    end: events.end
  }
}
