import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { disposedError } from "../errors/disposed.ts"
import type { Clocks } from "../runtime/clocks.ts"
import type { TokenExchange } from "../token-request/TokenExchange.ts"
import { unavailable } from "../token-request/tokenRequestErrors.ts"
import type { GrantRecord } from "./grantRecord.ts"
import type { GrantUse } from "./GrantUse.ts"
import { isUnsent } from "./unsentErrors.ts"

/** How much longer than the deadline of the token request an exchange may take, in milliseconds. */
export const settleTime = 1_000

/** An intent that this client has written, and when it began to, by both clocks. */
export interface OwnIntent {
  readonly intent: GrantRecord
  readonly began: { readonly mono: number; readonly wall: number }
}

export interface IntentUse extends GrantUse {
  /** Whether the refresh token may have been used, and the result is unknown. */
  readonly isSent: () => boolean
  /** Whether it was not used, and no response has said so. */
  readonly isKept: () => boolean
}

/** The use of the refresh token that an intent announces. */
export const intentUse = (
  { began, intent }: OwnIntent,
  options: Clocks & {
    /** The deadline of the token request, in milliseconds. */
    readonly deadline: number
    readonly keepTrying: () => boolean
    readonly settle: (exchange: TokenExchange) => ReturnType<GrantUse["settle"]>
    /** Called when that changes. */
    readonly onSent: (isSent: boolean) => void
  }
): IntentUse => {
  const { deadline, keepTrying, mono, onSent, settle, wall } = options
  let isSent = false
  let isSettled = false

  const setSent = (value: boolean) => {
    isSent = value
    onSent(value)
  }

  /** The response needs time as well. */
  const timeToSend = () => settleTime + deadline / 2 - Math.max(mono() - began.mono, wall() - began.wall)

  return {
    refreshToken: () => Redacted.value(intent.refreshToken),
    timeLeft: () => (isSent ? -1 : timeToSend()),
    check: Effect.suspend((): GrantUse["check"] => {
      if (!keepTrying()) return Effect.fail(disposedError())
      return timeToSend() >= 0
        ? Effect.void
        : Effect.fail(unavailable("The refresh token was not sent: preparing the request took too long."))
    }),
    onSend: () => setSent(true),
    onSendFailed: (error) => setSent(!isUnsent(error)),
    isSent: () => isSent,
    isKept: () => !isSent && !isSettled,
    settle: (exchange) =>
      Effect.suspend(() => {
        // It was not used, so that it may be sent again under the same intent.
        if (exchange.verdict._tag === "RateLimited") return Effect.sync(() => setSent(false))
        isSettled = true
        return settle(exchange)
      })
  }
}
