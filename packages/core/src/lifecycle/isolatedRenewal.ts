import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { AccessToken } from "../credentials/AccessToken.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import { poll } from "../runtime/poll.ts"
import type { RenewalInFlight } from "./renewalInFlight.ts"

// Renewals where requests are isolated from each other (RUN-4): a renewal ends with the request that started it, and other
// requests look for its outcome with timers of their own.

/** How often callers look for the outcome of another request's renewal, in milliseconds. */
const lookEvery = 20

/** How often a renewal shows that its request is running, and after which silence it is lost, in milliseconds. */
const aliveEvery = 200
const lostAfter = 1_000

/** Shows that the request which started a renewal is running, until the renewal is over. */
export const showLife = (renewal: RenewalInFlight, mono: () => number): Effect.Effect<void> =>
  poll(aliveEvery, () => {
    renewal.aliveAt = mono()
    return Deferred.isDoneUnsafe(renewal.over) ? Effect.void : undefined
  })

/** Whether the request that started a renewal has ended, and with it the renewal's timers and responses. */
export const isLost = ({ aliveAt }: RenewalInFlight, now: number): boolean => now - aliveAt > lostAfter

/** The outcome of another request's renewal, or `whenLost` if that request ends before it. */
export const lookFor = (
  renewal: RenewalInFlight,
  mono: () => number,
  whenLost: Effect.Effect<AccessToken, TokenkeepError>
): Effect.Effect<AccessToken, TokenkeepError> =>
  poll(lookEvery, () => {
    if (Deferred.isDoneUnsafe(renewal.done)) return Deferred.await(renewal.done)
    return isLost(renewal, mono()) ? whenLost : undefined
  })
