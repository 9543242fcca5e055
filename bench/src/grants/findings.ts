import type { Failure, JournalEntry } from "fleet"
import type { TokenUse } from "oauth2-issuer"
import type { Injected } from "./faults.ts"
import type { Loss } from "./recovery.ts"

/** What was recorded during a run. */
interface Recorded {
  readonly isStrict: boolean
  readonly hasFaults: boolean
  readonly grants: number
  readonly uses: ReadonlyArray<TokenUse>
  readonly journal: ReadonlyArray<JournalEntry>
  readonly faults: ReadonlyArray<Injected>
  readonly losses: ReadonlyArray<Loss>
  readonly failures: ReadonlyArray<Failure>
  readonly requests: number
  readonly crashes: ReadonlyArray<string>
  readonly faultsInARow: number
  readonly tokenLifetime: number
}

export interface Findings {
  readonly requests: number
  /** How often the server replaced a refresh token. */
  readonly rotations: number
  /** How many of these replaced an access token that was due. */
  readonly expiries: number
  /** How many refresh tokens the server received more than once, and the most times that it received one. */
  readonly sentTwice: number
  readonly mostUses: number
  /** From right before a refresh token is sent until its successor is stored, in milliseconds, sorted. */
  readonly intervals: ReadonlyArray<number>
  /** The part of it that begins when the response arrives. */
  readonly saves: ReadonlyArray<number>
  readonly faults: Readonly<Record<string, number>>
  /** Why grants were lost. */
  readonly losses: Readonly<Record<string, number>>
  readonly lostOutside: number
  /** Failed requests by their code. */
  readonly failures: Readonly<Record<string, number>>
  readonly broken: ReadonlyArray<string>
}

/** A process that was frozen can report this much later, in milliseconds. */
const late = 20_000

const grouped = <A>(items: ReadonlyArray<A>, keyOf: (item: A) => string): ReadonlyMap<string, ReadonlyArray<A>> =>
  Map.groupBy(items, keyOf)

const countsOf = (names: ReadonlyArray<string>): Readonly<Record<string, number>> =>
  Object.fromEntries([...grouped(names, (name) => name)].map(([name, all]) => [name, all.length]))

const overlaps = ({ at, until }: Injected, from: number, to: number): boolean => at <= to && until >= from

/** What became of each refresh token, according to the server, and to the journal of the processes that sent it. */
const historyOf = ({ journal, uses }: Recorded) => {
  const steps = (wanted: JournalEntry["step"]) =>
    grouped(
      journal.filter(({ step }) => step === wanted),
      ({ token }) => token
    )
  const [sent, received] = [steps("sent"), steps("received")]
  const stored = new Map(journal.filter(({ step }) => step === "stored").map((entry) => [entry.token, entry]))
  const used = grouped(uses, ({ token }) => token)
  return { sent, received, stored, used, grantOf: (token: string) => sent.get(token)?.[0]?.grant }
}

type History = ReturnType<typeof historyOf>

/** Whether the successor of a refresh token was known to be stored before the token was used again. */
const wasStored = ({ stored, used }: History, token: string): boolean =>
  (stored.get(token)?.at ?? Infinity) < (used.get(token)?.[1]?.at ?? Infinity)

/** The fault that interrupted the first use of a refresh token; undefined if there was none. */
const interruptionOf = ({ sent, used }: History, faults: ReadonlyArray<Injected>, token: string) => {
  const [first, second] = used.get(token) ?? []
  const entries = (sent.get(token) ?? []).filter(({ at }) => at <= (second?.at ?? Infinity))
  const begin = entries[0]?.at ?? 0
  const end = second?.at ?? Infinity
  const senders = new Set(entries.map(({ process }) => process))
  const hit = (kind: Injected["kind"]) =>
    faults.some(
      (fault) =>
        fault.kind === kind &&
        overlaps(fault, begin, end) &&
        (fault.process === undefined || senders.has(fault.process))
    )
  if (first?.isResponseLost === true) return "response lost"
  if (hit("kill")) return "process killed"
  if (hit("freeze")) return "process frozen"
  return hit("storage") ? "storage failed" : undefined
}

/** The refresh token whose second use revoked the consent of a grant. */
const revokingToken = ({ grantOf }: History, uses: ReadonlyArray<TokenUse>, loss: Loss): string | undefined =>
  uses.findLast(({ at, outcome, token }) => outcome === "rejected" && at <= loss.at && grantOf(token) === loss.grant)
    ?.token

/** Whether a fault explains why a request failed. */
const isExplained = ({ faults, losses, uses }: Recorded, history: History, failure: Failure): boolean => {
  const { at, client, code } = failure
  const isNear = ({ at: from, until }: { readonly at: number; readonly until: number }) =>
    at >= from && at <= until + late
  switch (code) {
    case "GRANT_LOST":
      return losses.some((loss) => loss.grant === client && isNear({ at: loss.at - late, until: loss.replacedAt }))
    case "ISSUER_UNAVAILABLE":
      return (
        uses.some(
          (use) => use.isResponseLost && history.grantOf(use.token) === client && isNear({ at: use.at, until: use.at })
        ) || faults.some((fault) => fault.kind === "freeze" && isNear(fault))
      )
    case "STORAGE_FAILED":
      return faults.some((fault) => fault.kind === "storage" && isNear(fault))
    default:
      return false
  }
}

/** How many exchanges of a grant followed the one before when its access token was due. */
const dueAgain = (times: ReadonlyArray<number>, soonest: number): number =>
  times.filter((at, index) => index > 0 && at - (times[index - 1] ?? 0) >= soonest).length

/** How long before its successor was stored each refresh token was sent or received, in milliseconds, sorted. */
const untilStored = ({ stored }: History, earlier: History["sent"]): ReadonlyArray<number> =>
  [...stored.values()]
    .flatMap(({ at, process, token }) => {
      const begin = earlier.get(token)?.findLast((entry) => entry.process === process && entry.at <= at)
      return begin === undefined ? [] : [at - begin.at]
    })
    .toSorted((a, b) => a - b)

/** Checks what a run recorded. */
export const findingsOf = (recorded: Recorded): Findings => {
  const { crashes, failures, faults, grants, hasFaults, isStrict, journal, losses, tokenLifetime, uses } = recorded
  const history = historyOf(recorded)
  const twice = [...history.used].filter(([, times]) => times.length > 1).map(([token]) => token)
  const mostUses = Math.max(0, ...[...history.used.values()].map(({ length }) => length))
  const rotations = uses.filter(({ outcome }) => outcome === "exchanged").length
  // An access token is due a fifth of its lifetime before it expires, plus a tenth of that as jitter.
  const soonest = tokenLifetime * 0.78
  const sentAt = grouped(
    journal.filter(({ step }) => step === "sent"),
    ({ grant }) => grant
  )
  const expiries = [...sentAt.values()].reduce(
    (sum, sent) =>
      sum +
      dueAgain(
        sent.map(({ at }) => at),
        soonest
      ),
    0
  )
  const causes = losses.map((loss) => {
    const token = revokingToken(history, uses, loss)
    return {
      ...loss,
      isOutside: token === undefined || wasStored(history, token),
      cause: (token === undefined ? undefined : interruptionOf(history, faults, token)) ?? "no fault"
    }
  })
  const lostOutside = causes.filter(({ isOutside }) => isOutside).length
  const storedTwice = twice.filter((token) => wasStored(history, token)).length
  const unexplained = failures.filter((failure) => !isExplained(recorded, history, failure))
  const faultCounts = countsOf(faults.map(({ kind }) => kind))

  const always: ReadonlyArray<readonly [kept: boolean, promise: string]> = [
    [crashes.length === 0, `no process crashes: ${crashes.join(", ")}`],
    [rotations > 0, "refresh tokens are exchanged"],
    [storedTwice === 0, `GRANT-1: no refresh token is sent again once its successor is stored: ${storedTwice} were`],
    [lostOutside === 0, `GRANT-3: no grant is lost outside the interval: ${lostOutside} were`],
    [
      causes.every(({ cause }) => cause !== "no fault"),
      `GRANT-3: no grant is lost without a fault: ${causes.filter(({ cause }) => cause === "no fault").length} were`
    ],
    [
      losses.every(({ code }) => code === "GRANT_LOST") && failures.every(({ code }) => code !== "GRANT_REJECTED"),
      "GRANT-3: each loss is GRANT_LOST, none GRANT_REJECTED"
    ],
    [losses.every(({ isRevoked }) => isRevoked), "GRANT-3: no grant is given up that the server has not revoked"],
    [
      unexplained.length === 0,
      `no request fails unless a fault explains it: ${unexplained.length} did, ${JSON.stringify(unexplained.slice(0, 3))}`
    ]
  ]
  const withoutFaults: typeof always = [
    [failures.length === 0, `GRANT-1: without faults, no request fails: ${failures.length} did`],
    [twice.length === 0, `GRANT-1: without faults, no refresh token is sent twice: ${twice.length} were`],
    [
      rotations === expiries + grants,
      `GRANT-1: as many rotations as access tokens that were due: ${rotations}, ${grants} at first and ${expiries} due`
    ]
  ]
  const withGrace: typeof always = [
    [losses.length === 0, `GRANT-3: with a grace period, no grant is lost: ${losses.length} were`],
    [
      mostUses <= recorded.faultsInARow + 1,
      `no exchange has more faults in a row than the grace period allows for: ${mostUses - 1} of ${recorded.faultsInARow}`
    ]
  ]
  const withFaults: typeof always = [[faults.length > 0, "at least one fault is injected"]]
  const promises = [...always, ...(hasFaults ? withFaults : withoutFaults), ...(isStrict ? [] : withGrace)]
  return {
    requests: recorded.requests,
    rotations,
    expiries,
    sentTwice: twice.length,
    mostUses,
    intervals: untilStored(history, history.sent),
    saves: untilStored(history, history.received),
    faults: faultCounts,
    losses: countsOf(causes.map(({ cause }) => cause)),
    lostOutside,
    failures: countsOf(failures.map(({ code }) => code)),
    broken: promises.filter(([kept]) => !kept).map(([, promise]) => promise)
  }
}
