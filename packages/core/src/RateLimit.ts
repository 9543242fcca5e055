import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { AuthError } from "./AuthError.ts"
import { type EndpointBudget, endpointBudget, type Limit } from "./internal/endpointBudget.ts"
import { instant } from "./internal/issueErrors.ts"
import { rest } from "./internal/rest.ts"

const usedUp = (endpoint: string, retryAt: number, limit: number | undefined) =>
  AuthError.of(
    { _tag: "RateLimited", retryAt, endpoint, ...(limit === undefined ? undefined : { limit, remaining: 0 }) },
    {
      what: `This client has made as many requests to ${endpoint} as its rate limit allows; this one was not sent.`,
      fix: `Wait until ${instant(retryAt)}, make fewer requests, or raise the patience.`
    }
  )

/** What {@link makeRateLimit} makes. */
interface RateLimit {
  /**
   * Waits until a request may be sent to an endpoint, at most `patience` milliseconds; answers how long it waited. Where
   * that is not enough it fails at once with `RATE_LIMITED`.
   */
  readonly take: (endpoint: string, patience: number) => Effect.Effect<number, AuthError>
  /** The endpoint refused a request: nobody sends anything to it for so many milliseconds. */
  readonly close: (endpoint: string, millis: number) => void
}

/**
 * The budget of each endpoint, for one client (REQ-7). Whoever comes first goes first; a caller who leaves gives the
 * place back. Time is the monotonic clock's, so that no jump of the wall clock opens it.
 *
 * @param ended Fails when the client ends, and with it everyone who waits.
 */
export const makeRateLimit = Effect.fnUntraced(function* (
  limits: ReadonlyArray<Limit>,
  ended: Effect.Effect<never, AuthError>
) {
  const clock = yield* Clock.Clock
  const mono = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const budgets = new Map<string, EndpointBudget>()

  const budgetOf = (endpoint: string): EndpointBudget => {
    const known = budgets.get(endpoint)
    if (known !== undefined) return known
    const made = endpointBudget(limits)
    budgets.set(endpoint, made)
    return made
  }

  const take = Effect.fnUntraced(function* (endpoint: string, patience: number) {
    const budget = budgetOf(endpoint)
    const start = mono()
    while (true) {
      const now = mono()
      const place = budget.next(now)
      const waited = now - start
      if (place.at - start > patience) {
        return yield* usedUp(endpoint, Math.ceil(clock.currentTimeMillisUnsafe() + place.at - now), place.limit)
      }
      budget.book(place.at)
      if (place.at <= now) return waited
      yield* Effect.onError(rest(Math.ceil(place.at - now), ended), () => Effect.sync(() => budget.giveBack(place.at)))
      // The endpoint may have refused somebody meanwhile.
      if (place.at >= budget.opensAt()) return mono() - start
      budget.giveBack(place.at)
    }
  })

  return { take, close: (endpoint, millis) => budgetOf(endpoint).close(mono() + millis) } satisfies RateLimit
})
