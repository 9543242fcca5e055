import type { TokenEvent, TokenKeep } from "@tokenkeep/core"
import { type ConsoleFeed, makeConsoleFeed } from "console-page"
import { setInterval } from "node:timers"
import type { Activity } from "../activity.ts"
import { tokenRequestCount } from "./metrics.ts"

const minute = 60_000
const second = 1_000

/** The one lane of the picture. */
const process = "sidecar"

const connectionStates = {
  fresh: "usable",
  degraded: "degraded",
  renewing: "renewing",
  "key-rejected": "failing",
  empty: "none",
  disposed: "none"
} as const

const connectionOf = (name: string, client: Pick<TokenKeep, "status">): Parameters<ConsoleFeed["connection"]>[0] => {
  const { lastError, lease, nextRenewalAt, state, token } = client.status()
  return {
    id: name,
    process,
    name,
    state: lastError !== undefined && token === undefined ? "failing" : connectionStates[state],
    lease: lease.state,
    ...(token !== undefined && {
      token: {
        id: token.id,
        issuedAt: token.issuedAt,
        ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt })
      }
    }),
    ...(nextRenewalAt !== undefined && { nextRenewalAt }),
    ...(lastError !== undefined && {
      lastError: { at: lastError.at, code: lastError.code, advice: lastError.message }
    })
  }
}

/** Reports the client and the requests to the console. The client is opened later: its options contain the observer. */
export const makeConsoleSource = (options: {
  readonly name: string
  readonly activity: Activity
  readonly now: () => number
}) => {
  const { activity, name, now } = options
  const feed = makeConsoleFeed({ title: `tokenkeep serve: ${name}`, window: 30 * minute, interval: minute, now })
  let client: Pick<TokenKeep, "status"> | undefined
  let counted = { served: 0, failed: 0, tokenRequests: tokenRequestCount() }
  let quietSeconds = 0

  /** Adds what happened since the last call, and sends it if there is anything, or so that pages see the sidecar lives. */
  const report = (): void => {
    if (client !== undefined) feed.connection(connectionOf(name, client))
    const { failed, served } = activity
    const tokenRequests = tokenRequestCount()
    const more = { served: served - counted.served, failed: failed - counted.failed }
    const moreTokens = tokenRequests - counted.tokenRequests
    counted = { served, failed, tokenRequests }
    if (more.served + more.failed > 0) feed.countRequests(process, more)
    if (moreTokens > 0) feed.countTokenRequests(moreTokens)
    quietSeconds = more.served + more.failed + moreTokens > 0 ? 0 : quietSeconds + 1
    if (quietSeconds % 10 === 0) feed.flush()
  }

  return {
    feed,
    observe: (event: TokenEvent): void => {
      feed.tokenEvent({ process, connection: name, event })
      // The client reports an event before its status shows it.
      queueMicrotask(() => client !== undefined && feed.connection(connectionOf(name, client)))
    },
    /** Starts to report, until the function that it returns is called. */
    start: (opened: Pick<TokenKeep, "status">): (() => void) => {
      client = opened
      feed.process({ id: process, name: "tokenkeep serve", state: "running" })
      report()
      const timer = setInterval(report, second).unref()
      return () => timer[Symbol.dispose]()
    }
  }
}
