import type { RenewalReason } from "../../src/index.ts"
import { type Faults, faultRules } from "./StorageFaults.ts"
import { currentTokenRules, type KnownToken, type Verdict } from "./CurrentToken.ts"
import type { RecordFields } from "./RecordFields.ts"
import { budgetRule, type SharedRejectionFields, rejectionRule, leftShared } from "./Rules.ts"
import { probeRules } from "./StorageProbe.ts"
import type { IssuerBehaviour, Place, WorldOptions } from "./World.ts"
import type { WorldClock } from "./WorldClock.ts"

/** One attempt of a renewal to request a token: under a lease, or without one if the storage has none. */
export interface Attempt {
  readonly place: Place
  /** Its lease; `undefined` if the storage has no leases, or before it is granted. */
  readonly lease: { readonly fence: number; isLost: boolean; isReleased: boolean } | undefined
  /** The fence of the lease that was waited for before. */
  readonly awaited: number | undefined
  /** Whether the record was loaded since the attempt began. */
  hasLoaded: boolean
  /** The record as it was loaded. */
  record: RecordFields | undefined
  /** What is left of the shared budget. */
  budget: RecordFields["budget"]
  /** What was saved last: saving the same again is a retry. */
  saved: string | undefined
  /** How many token requests it claimed from the shared budget, and sent. */
  claims: number
  calls: number
}

export const newAttempt = (
  place: Place,
  leaseResult?: { readonly fence: number; readonly awaited: number | undefined }
): Attempt => ({
  place,
  lease: leaseResult && { fence: leaseResult.fence, isLost: false, isReleased: false },
  awaited: leaseResult?.awaited,
  hasLoaded: false,
  record: undefined,
  budget: undefined,
  saved: undefined,
  claims: 0,
  calls: 0
})

/** The owner of the lease that a renewal waits for. */
interface Awaited {
  readonly owner: string
  readonly fence: number
  /** Since when this lease is waited for, and since when any lease, in monotonic milliseconds. */
  readonly since: number
  readonly first: number
}

/** One renewal as it is observed from outside: it begins when the key is read. */
export interface Renewal {
  readonly key: string
  readonly background: boolean
  /** Whether a request may have started it because the token is in its window. */
  readonly window: Verdict
  /** A rejection that had ended when it began, whatever the clocks show later. */
  readonly lapsed: unknown
  /** When it last made progress, in monotonic milliseconds. */
  movedAt: number
  /** When its attempt claimed or sent the first token request, in monotonic milliseconds. */
  issuingSince: number | undefined
  /** Whether the budget was exceeded at some time since it began. */
  isExceeded: boolean
  started: RenewalReason | undefined
  hasFailed: boolean
  /** The outcome of its last token request. */
  outcome: IssuerBehaviour["does"] | undefined
  /** Whether the stored token must be adopted. */
  usefulness: Verdict
  found: KnownToken | undefined
  /** The tokens it obtained: the last one stays. */
  readonly tokens: Array<KnownToken>
  readonly faults: Faults
  attempt: Attempt | undefined
  awaited: Awaited | undefined
  /** It waited for one lease for longer than a lease may last. */
  isStuck: boolean
  /** The failure that the lease owner shared, and whether it must be adopted. */
  sharedFailure: { readonly code: string; readonly isSure: boolean } | undefined
}

/** The failure that each response of the issuer explains; without a response, the request timed out. */
const codes: Partial<Record<IssuerBehaviour["does"], string>> = {
  reject: "API_KEY_REJECTED",
  limit: "RATE_LIMITED",
  unavailable: "ISSUER_UNAVAILABLE",
  disconnect: "ISSUER_UNAVAILABLE",
  "stay open": "ISSUER_UNAVAILABLE",
  nonsense: "TOKEN_RESPONSE_INVALID",
  "too large": "TOKEN_RESPONSE_INVALID",
  "malformed token": "TOKEN_RESPONSE_INVALID",
  redirect: "REDIRECT_REFUSED"
}

/** What the model knows so far: the current token, the renewal in flight, and the violations. */
export const makeModelState = (clock: WorldClock, options: WorldOptions) => {
  const budget = budgetRule(options.burst)
  const rejections = rejectionRule(clock)
  const currentToken = currentTokenRules(clock)
  const violations: Array<string> = []
  const log: Array<string> = []
  /** What happened at least once: a script that reaches nothing proves nothing. */
  const reached = new Set<string>()
  const state = {
    /** How many callers wait for a token. */
    waiters: 0,
    /** How many calls of the ports the command caused. */
    io: 0,
    renewals: 0,
    probes: 0,
    /** Whether a request of the command starts a renewal, or a probe of the storage. */
    window: "no" as Verdict,
    probe: "no" as Verdict,
    /** A request is being served: only a probe calls the storage synchronously. */
    isSynchronous: false,
    disposedAt: undefined as number | undefined,
    renewal: undefined as Renewal | undefined,
    /** How many renewals in a row failed. */
    failures: 0,
    /** A rejection in a record, unless its token is adopted. */
    sharedRejection: undefined as { readonly key: string; readonly rejection: SharedRejectionFields } | undefined
  }

  const claim = (holds: boolean, what: string) => {
    if (!holds) violations.push(what)
  }
  const probes = probeRules(clock, { claim, reached })
  const faults = faultRules(clock, options, probes, { claim, reached })

  /** Whether a request has to check the storage. */
  const probe = (): Verdict => probes.due(faults.isDegraded(), state.renewal !== undefined)

  const fail = ({ background }: Renewal) => {
    state.failures += 1
    reached.add(background ? "a failed background renewal" : "a failed foreground renewal")
    if (background) currentToken.backOff(state.failures)
  }

  /** A background renewal that fails is not repeated before a back-off (TOK-5). */
  const endRenewal = () => {
    const { renewal } = state
    if (renewal === undefined) return
    state.renewal = undefined
    faults.ends(renewal)
    if (renewal.tokens.length === 0) return fail(renewal)
    state.failures = 0
  }

  const beginRenewal = (key: string) => {
    endRenewal()
    state.renewals += 1
    // No caller waits while there is a good token; a request may follow another renewal at the same moment.
    const background = state.waiters === 0 || currentToken.good() !== undefined
    const expected = state.waiters === 0 ? state : currentToken.expected(probe())
    state.renewal = {
      key,
      background,
      window: background ? expected.window : "no",
      lapsed: rejections.active(key) === undefined ? rejections.last(key) : undefined,
      movedAt: clock.mono,
      issuingSince: undefined,
      isExceeded: false,
      started: undefined,
      hasFailed: false,
      outcome: undefined,
      usefulness: "no",
      found: undefined,
      tokens: [],
      faults: faults.begins(),
      attempt: undefined,
      awaited: undefined,
      isStuck: false,
      sharedFailure: undefined
    }
  }

  /** TOK-8: the budget of this process, or the shared one. */
  const isBudgetExceeded = (): boolean => {
    if (budget.isExceeded(clock.mono)) return true
    const attempt = state.renewal?.attempt
    return attempt?.lease !== undefined && leftShared(attempt.budget, options.burst, clock.wall) < 1
  }

  const noteBudget = () => {
    if (state.renewal !== undefined && isBudgetExceeded()) state.renewal.isExceeded = true
  }

  /** Whether a failure has a cause in what happened, and is not an old one (TOK-7). */
  const explains = (code: string): boolean => {
    const { renewal } = state
    if (renewal === undefined) return false
    if (rejections.active(renewal.key) === code || renewal.sharedFailure?.code === code) return true
    if (code === "TOKEN_REQUEST_LIMITED") return renewal.isExceeded || isBudgetExceeded()
    if (faults.explains(renewal, code)) return true
    // The deadline includes the time to claim a token request.
    const isLate = clock.mono - (renewal.issuingSince ?? Infinity) >= 10_000
    if (isLate && code === "ISSUER_UNAVAILABLE") return true
    return renewal.outcome !== undefined && codes[renewal.outcome] === code
  }

  return {
    clock,
    options,
    budget,
    rejections,
    currentToken,
    faults,
    probe,
    probes,
    tokens: [] as Array<KnownToken>,
    violations,
    log,
    reached,
    state,
    claim,
    beginRenewal,
    endRenewal,
    isBudgetExceeded,
    noteBudget,
    explains
  }
}

export type ModelState = ReturnType<typeof makeModelState>
