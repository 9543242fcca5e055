import type { RenewalReason } from "../../src/index.ts"
import { type Faults, faultRules } from "./Faults.ts"
import { holding, type Known, type Verdict } from "./Holding.ts"
import type { Lying } from "./Lying.ts"
import { budgetRule, type HeardRefusal, refusalRule, sharedRoom } from "./Rules.ts"
import type { IssuerMood, Place, WorldOptions } from "./World.ts"
import type { WorldClock } from "./WorldClock.ts"

/** The time in which a renewal may ask the issuer: while it has a lease, or needs none. */
export interface Term {
  readonly place: Place
  /** Its lease; nothing where the storage elects nobody, or before it is elected. */
  readonly lease: { readonly fence: number; isLost: boolean; isReleased: boolean } | undefined
  /** The fence of the lease that was waited for before. */
  readonly awaited: number | undefined
  /** Whether the storage was asked what it has since the term began. */
  hasLooked: boolean
  /** What it had. */
  record: Lying | undefined
  /** What is left of the budget that is shared. */
  budget: Lying["budget"]
  /** What was saved last: the same again is another try. */
  saved: string | undefined
  /** How often a call was claimed from it, and made. */
  claims: number
  calls: number
}

export const newTerm = (
  place: Place,
  elected?: { readonly fence: number; readonly awaited: number | undefined }
): Term => ({
  place,
  lease: elected && { fence: elected.fence, isLost: false, isReleased: false },
  awaited: elected?.awaited,
  hasLooked: false,
  record: undefined,
  budget: undefined,
  saved: undefined,
  claims: 0,
  calls: 0
})

/** Who holds the lease that a renewal waits for. */
interface Awaited {
  readonly owner: string
  readonly fence: number
  /** Since when this lease is waited for, and since when any, in monotonic milliseconds. */
  readonly since: number
  readonly first: number
}

/** One renewal as it is seen from outside: it begins when the key is read. */
export interface Flight {
  readonly key: string
  readonly background: boolean
  /** What a hit can have begun it for. */
  readonly window: Verdict
  readonly rejoin: Verdict
  /** Whether a refusal stood when it began, and one that was over by then, whatever the clocks say later. */
  readonly isRefused: boolean
  readonly lapsed: unknown
  /** When it came to something new last, in monotonic milliseconds. */
  movedAt: number
  /** When its term claimed or made its first issue call, in monotonic milliseconds. */
  issuingSince: number | undefined
  /** Whether the budget was exceeded at some time since it began. */
  isExceeded: boolean
  started: RenewalReason | undefined
  hasFailed: boolean
  /** What came of its last call. */
  outcome: IssuerMood["does"] | undefined
  /** Whether the token that the storage had is to be taken. */
  useful: Verdict
  found: Known | undefined
  /** The tokens it came to: the last one stays. */
  readonly products: Array<Known>
  readonly faults: Faults
  term: Term | undefined
  awaited: Awaited | undefined
  /** It waited for one and the same lease for longer than any may last. */
  isStuck: boolean
  /** What the owner of the lease that it waited for told of its own failure, and whether it has to be heeded. */
  told: { readonly code: string; readonly isSure: boolean } | undefined
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
export const makeLedger = (clock: WorldClock, options: WorldOptions) => {
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
    /** Whether a hit since then begins a renewal, or shares the token again. */
    window: "no" as Verdict,
    rejoin: "no" as Verdict,
    disposedAt: undefined as number | undefined,
    flight: undefined as Flight | undefined,
    /** Renewals in a row without a token. */
    failures: { least: 0, most: 0 },
    /** A refusal that a record told of, unless its token is taken. */
    hearsay: undefined as { readonly key: string; readonly refusal: HeardRefusal } | undefined
  }

  const claim = (isSo: boolean, what: string) => {
    if (!isSo) violations.push(what)
  }
  const faults = faultRules(clock, options, { claim, reached })

  /** Whether it only shared the token again; what a standing refusal ended at once can look the same. */
  const isRejoin = ({ faults: { asked }, isRefused, rejoin, started, window }: Flight): Verdict => {
    if (rejoin === "no" || started !== undefined) return "no"
    return isRefused && asked === 0 && window !== "no" ? "may" : "must"
  }

  const fail = (flight: Flight) => {
    const wasRejoin = isRejoin(flight)
    const isFailure = wasRejoin === "no" || flight.hasFailed
    if (wasRejoin !== "no") faults.rejoined()
    if (isFailure) {
      state.failures.least += 1
      state.failures.most += 1
      reached.add(flight.background ? "failed in the background" : "failed in the foreground")
    } else if (wasRejoin === "must") {
      state.failures = { least: 0, most: 0 }
      reached.add("shared again")
    } else state.failures = { least: 0, most: state.failures.most + 1 }
    if (flight.background && wasRejoin !== "must" && flight.started !== "rejoin") {
      // Where it is not known whether one failed, the next attempt may come at once, or after the back-off.
      held.leaveAlone({ ...state.failures, least: Math.max(1, state.failures.least) }, wasRejoin === "no")
    }
  }

  /** One that ends without a token is left alone for a while, when it ran in the background (TOK-5). */
  const endFlight = () => {
    const { flight } = state
    if (flight === undefined) return
    state.flight = undefined
    faults.ends(flight)
    if (flight.products.length === 0) return fail(flight)
    state.failures = { least: 0, most: 0 }
    if (flight.rejoin !== "no" && flight.started === undefined) faults.rejoined()
  }

  const beginFlight = (key: string) => {
    endFlight()
    state.renewals += 1
    // Nobody waits while there is a good token; a hit may follow on another renewal within the same moment.
    const background = state.waiters === 0 || held.good() !== undefined
    const expected = state.waiters === 0 ? state : held.expected(faults.rejoin())
    state.flight = {
      key,
      background,
      window: background ? expected.window : "no",
      rejoin: background ? expected.rejoin : "no",
      isRefused: refusals.standing(key) !== undefined,
      lapsed: refusals.standing(key) === undefined ? refusals.last(key) : undefined,
      movedAt: clock.mono,
      issuingSince: undefined,
      isExceeded: false,
      started: undefined,
      hasFailed: false,
      outcome: undefined,
      useful: "no",
      found: undefined,
      products: [],
      faults: faults.begins(),
      term: undefined,
      awaited: undefined,
      isStuck: false,
      told: undefined
    }
  }

  /** TOK-8: the budget of this process, or the one that is shared. */
  const isBudgetExceeded = (): boolean => {
    if (budget.isExceeded(clock.mono)) return true
    const term = state.flight?.term
    return term?.lease !== undefined && sharedRoom(term.budget, options.burst, clock.wall) < 1
  }

  const noteBudget = () => {
    if (state.flight !== undefined && isBudgetExceeded()) state.flight.isExceeded = true
  }

  /** Whether a failure has its cause in what happened, and is not one of before (TOK-7). */
  const isExplained = (code: string): boolean => {
    const { flight } = state
    if (flight === undefined) return false
    if (refusals.standing(flight.key) === code || flight.told?.code === code) return true
    if (code === "ISSUE_BUDGET_EXCEEDED") return flight.isExceeded || isBudgetExceeded()
    if (faults.isExplained(flight, code)) return true
    // The deadline covers what it takes to claim a call, too.
    const isLate = clock.mono - (flight.issuingSince ?? Infinity) >= 10_000
    if (isLate && code === "ISSUER_UNAVAILABLE") return true
    return flight.outcome !== undefined && codes[flight.outcome] === code
  }

  return {
    clock,
    options,
    budget,
    refusals,
    held,
    faults,
    tokens: [] as Array<Known>,
    violations,
    log,
    reached,
    state,
    claim,
    beginFlight,
    endFlight,
    isBudgetExceeded,
    noteBudget,
    isExplained
  }
}

export type Ledger = ReturnType<typeof makeLedger>
