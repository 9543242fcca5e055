import { causeSummary, connectionFailed } from "./causeSummary.ts"
import { TokenkeepError } from "./TokenkeepError.ts"

/**
 * The `TRANSPORT_FAILED` error for what `fetch` rejected with: the low-level code, and what to do about it. The message and
 * the fields of the original error are left out, because fetch libraries put headers there.
 *
 * @param what What failed, without a full stop.
 * @param error What `fetch`, or the body of its response, rejected with.
 *
 * @example
 * ```ts
 * import { transportFailed } from "@tokenkeep/core"
 *
 * const cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" })
 * const { code, message } = transportFailed("The upload failed", new TypeError("fetch failed", { cause }))
 * console.log(code, message.startsWith("The upload failed (ECONNREFUSED).")) // => TRANSPORT_FAILED true
 * ```
 */
export const transportFailed = (what: string, error?: unknown): TokenkeepError =>
  TokenkeepError.of(
    { _tag: "TransportFailed" },
    error === undefined
      ? { what: `${what}.`, fix: "Check the network and the host, then try again." }
      : connectionFailed(what, causeSummary(error))
  )
