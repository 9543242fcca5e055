import { holding, type Known, type Verdict } from "./Holding.ts"
import { budgetRule, refusalRule } from "./Rules.ts"
import type { IssueCall, IssuerMood } from "./World.ts"
import type { WorldClock } from "./WorldClock.ts"

/** One renewal as it is seen from outside: it begins when the key is read. */
interface Flight {
  readonly key: string
  readonly background: boolean
  readonly since: number
  readonly calls: Array<IssueCall>
  /** What came of its last call. */
  outcome: IssuerMood["does"] | undefined
  /** Whether the token that the storage had is to be taken. */
  useful: Verdict
  found: Known | undefined
  product: Known | undefined
}

/** The failure that an answer of the issuer explains; where none came, it was given up. */
const codes: Partial<Record<IssuerMood["does"], string>> = {
  refuse: "API_KEY_REJECTED",
  limit: "RATE_LIMITED",
  break: "ISSUER_UNAVAILABLE",
  fail: "ISSUER_UNAVAILABLE",
  dawdle: "ISSUER_UNAVAILABLE",
  babble: "ISSUE_RESPONSE_INVALID",
  overflow: "ISSUE_RESPONSE_INVALID",
  garble: "ISSUE_RESPONSE_INVALID",
  redirect: "REDIRECT_REFUSED"
}

/** What the model knows so far: the token in hand, the renewal under way, and what was found to break a promise. */
export const makeLedger = (clock: WorldClock, options: { readonly burst: number }) => {
  const budget = budgetRule(options.burst)
  const refusals = refusalRule(clock)
  const held = holding(clock)
  const violations: Array<string> = []
  const log: Array<string> = []
  /** What came about at least once: a script that reaches nothing proves nothing. */
  const reached = new Set<string>()
  const state = {
    /** Callers who wait for a token. */
    waiters: 0,
    /** What went over the ports since the command began. */
    io: 0,
    renewals: 0,
    /** Whether a hit since then begins a renewal. */
    due: "no" as Verdict,
    disposedAt: undefined as number | undefined,
    flight: undefined as Flight | undefined,
    /** Renewals in a row without a token. */
    failures: 0,
    storageFails: false
  }

  const claim = (isSo: boolean, what: string) => {
    if (!isSo) violations.push(what)
  }

  /** One that ends without a token is left alone for a while, when it ran in the background (TOK-5). */
  const endFlight = () => {
    if (state.flight === undefined) return
    const { background, product } = state.flight
    state.flight = undefined
    state.failures = product === undefined ? state.failures + 1 : 0
    if (product === undefined && background) held.leaveAlone(state.failures)
    if (product === undefined) reached.add(background ? "failed in the background" : "failed in the foreground")
  }

  const beginFlight = (key: string) => {
    endFlight()
    state.renewals += 1
    state.flight = {
      key,
      background: state.waiters === 0,
      since: clock.mono,
      calls: [],
      outcome: undefined,
      useful: "no",
      found: undefined,
      product: undefined
    }
  }

  /** Whether a failure has its cause in what happened, and is not one of before (TOK-7). */
  const isExplained = (code: string): boolean => {
    const { flight } = state
    if (flight === undefined) return false
    if (refusals.standing(flight.key) === code) return true
    if (code === "ISSUE_BUDGET_EXCEEDED") return budget.room(clock.mono) < 1 + 1e-6
    return flight.outcome !== undefined && codes[flight.outcome] === code
  }

  return {
    clock,
    budget,
    refusals,
    held,
    tokens: [] as Array<Known>,
    violations,
    log,
    reached,
    state,
    claim,
    beginFlight,
    endFlight,
    isExplained
  }
}

export type Ledger = ReturnType<typeof makeLedger>
