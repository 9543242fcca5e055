import * as Deferred from "effect/Deferred"
import type * as Fiber from "effect/Fiber"
import type { AccessToken } from "../credentials/AccessToken.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { RenewalReason } from "../telemetry/TokenEvent.ts"
import type { Need } from "./renewal.ts"

/** A renewal in flight, shared by all callers that need a token. */
export interface RenewalInFlight extends Need {
  readonly done: Deferred.Deferred<AccessToken, TokenkeepError>
  /** Ends when the token is saved as well, or the renewal failed. */
  readonly over: Deferred.Deferred<void>
  /** The new token, while it is being saved. */
  token?: AccessToken
  /** Whether the waiting callers got the token before it was saved. */
  isResolved: boolean
  /** When it last showed that the request which started it is running, in milliseconds of the monotonic clock. */
  aliveAt: number
  fiber?: Fiber.Fiber<AccessToken, TokenkeepError>
}

export const newRenewal = (reason: RenewalReason, background: boolean, aliveAt: number): RenewalInFlight => ({
  reason,
  background,
  done: Deferred.makeUnsafe(),
  over: Deferred.makeUnsafe(),
  isResolved: false,
  aliveAt,
  waited: 0
})
