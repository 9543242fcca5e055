import * as Effect from "effect/Effect"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { type EndpointBudget, endpointBudget, type Limit } from "./endpointBudget.ts"
import { instant } from "../errors/rateLimitError.ts"
import { clocks } from "../runtime/clocks.ts"
import { waitUntilEnded } from "../runtime/waitUntilEnded.ts"

const usedUp = (endpoint: string, retryAt: number, limit: number | undefined) =>
  TokenkeepError.of(
    { _tag: "RateLimited", retryAt, endpoint, ...(limit === undefined ? undefined : { limit, remaining: 0 }) },
    {
      what: `This client has used up its rate limit for ${endpoint}; the request was not sent.`,
      fix: `Wait until ${instant(retryAt)}, send fewer requests, or raise the option maxWait.`
    }
  )

/** What {@link makeRateLimit} makes. */
interface RateLimit {
  /**
   * Waits until a request may be sent to an endpoint, at most `maxWait` milliseconds; returns how long it waited. If that
   * is not enough, it fails at once with `RATE_LIMITED`.
   */
  readonly take: (endpoint: string, maxWait: number) => Effect.Effect<number, TokenkeepError>
  /** The endpoint rejected a request: nothing is sent to it for `millis` milliseconds. */
  readonly close: (endpoint: string, millis: number) => void
}

/**
 * The rate limits of each endpoint, for one client. Callers wait in order; the slot of a caller that is
 * interrupted becomes free. Time is monotonic, so that no jump of the wall clock opens a limit.
 *
 * @param ended Fails when the client ends, so that waiting callers fail as well.
 */
export const makeRateLimit = Effect.fnUntraced(function* (
  limits: ReadonlyArray<Limit>,
  ended: Effect.Effect<never, TokenkeepError>
) {
  const { mono, wall } = yield* clocks
  const budgets = new Map<string, EndpointBudget>()

  const budgetOf = (endpoint: string): EndpointBudget => {
    const known = budgets.get(endpoint)
    if (known !== undefined) return known
    const made = endpointBudget(limits)
    budgets.set(endpoint, made)
    return made
  }

  const take = (endpoint: string, maxWait: number) =>
    Effect.gen(function* () {
      const budget = budgetOf(endpoint)
      const start = mono()
      while (true) {
        const now = mono()
        const slot = budget.next(now)
        const waited = now - start
        if (slot.at - start > maxWait) {
          return yield* usedUp(endpoint, Math.ceil(wall() + slot.at - now), slot.limit)
        }
        budget.book(slot.at)
        if (slot.at <= now) return waited
        yield* Effect.onError(waitUntilEnded(Math.ceil(slot.at - now), ended), () =>
          Effect.sync(() => budget.release(slot.at))
        )
        // The endpoint may have rejected another request meanwhile.
        if (slot.at >= budget.opensAt()) return mono() - start
        budget.release(slot.at)
      }
    })

  return { take, close: (endpoint, millis) => budgetOf(endpoint).close(mono() + millis) } satisfies RateLimit
})
