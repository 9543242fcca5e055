import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type { AccessToken } from "../AccessToken.ts"
import type { AuthError } from "../AuthError.ts"
import { recordLeaseWait, spans, traced } from "../Telemetry.ts"
import type { Held, Lease, StorageFailure } from "../TokenStorage.ts"
import type { CredentialRecord } from "./record.ts"
import type { StoredRecords } from "./storedRecords.ts"

/** The lease went to somebody else before anything was sent. */
export class LeaseLost extends Data.TaggedError("LeaseLost") {}

/** One and the same lease goes on longer than any lease may. */
export class LeaseStuck extends Data.TaggedError("LeaseStuck")<{ readonly owner: string }> {}

/** The time in which whoever was elected, or needs nobody's vote, may ask the issuer. */
export interface Term<E = never> {
  readonly record: CredentialRecord | undefined
  /** Whether somebody elected it: what it does is told to all others. */
  readonly isElected: boolean
  /** The fence of its lease; 0 without one. */
  readonly fence: number
  /** Answers whether it was saved: not when somebody else was elected since. */
  readonly save: (record: CredentialRecord) => Effect.Effect<boolean, E>
  readonly reload: Effect.Effect<CredentialRecord | undefined, E>
}

/** Who needs a token for a credential, and what it does with what it finds. */
export interface Candidate<E = never> {
  readonly name: string
  /** The token of a record when it will do; fails with what the record says that all should heed. */
  readonly settle: (record: CredentialRecord) => Effect.Effect<AccessToken | undefined, AuthError>
  /** Fails with what the owner of the lease with this fence told to those who waited for it. */
  readonly heed: (record: CredentialRecord, fence: number) => Effect.Effect<void, AuthError>
  /** The token at hand, where all that is wanted is to share it again. */
  readonly kept: () => AccessToken | undefined
  readonly serve: (term: Term<E>) => Effect.Effect<AccessToken, AuthError | LeaseLost>
}

/** The first waits for a lease that is held by another, in milliseconds, and the longest. */
const poll = { first: 25, longest: 50, watched: 400 }

/** How long beyond its time a lease is believed to end, in milliseconds: clocks differ. */
const slack = 1_000

type Ask = Effect.Effect<Lease | Held, StorageFailure>

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** What the manager shows of it. */
export interface LeaseState {
  readonly state: "none" | "held" | "waiting"
  readonly owner?: string
}

/**
 * One issue call for all who share a storage (TOK-3): whoever needs a token looks for one that somebody else renewed,
 * then asks for the lease. Its owner looks again, asks the issuer and saves; the others wait for what it saved.
 */
export const makeElection = (
  records: StoredRecords,
  settings: { readonly owner: string; readonly leaseMillis: number },
  told: {
    readonly state: (state: LeaseState) => void
    readonly waited: (owner: string, millis: number) => void
  }
) => {
  const request = { owner: settings.owner, millis: settings.leaseMillis }

  const settled = (candidate: Candidate<StorageFailure>, record: CredentialRecord | undefined) =>
    record === undefined ? Effect.undefined : candidate.settle(record)

  const termOf = (
    { name }: Candidate<StorageFailure>,
    record: CredentialRecord | undefined,
    lease?: Lease
  ): Term<StorageFailure> => ({
    record,
    isElected: lease !== undefined,
    fence: lease?.fence ?? 0,
    save: (changed) => records.save(name, changed, lease?.fence),
    reload: records.load(name)
  })

  const serve = Effect.fnUntraced(function* (candidate: Candidate<StorageFailure>, lease: Lease, awaited?: number) {
    told.state({ state: "held", owner: settings.owner })
    // Somebody else may have renewed between the look and the lease. A storage that does not say is no reason to stop.
    const record = yield* records.load(candidate.name).pipe(Effect.catch(() => Effect.undefined))
    const found = yield* settled(candidate, record)
    // Whom this client waited for may have failed between its last look and the lease.
    if (found === undefined && record !== undefined && awaited !== undefined) yield* candidate.heed(record, awaited)
    return found ?? (yield* candidate.serve(termOf(candidate, record, lease)))
  })

  /** Outside of `restore` nothing interrupts: a lease that was had is released, whatever comes. */
  const elected = (candidate: Candidate<StorageFailure>, lease: Lease, restore: Restore, awaited?: number) =>
    Effect.ensuring(
      restore(serve(candidate, lease, awaited)),
      // What is not released ends by itself.
      Effect.andThen(
        Effect.ignore(lease.release),
        Effect.sync(() => told.state({ state: "none" }))
      )
    )

  const pause = Effect.fnUntraced(function* (held: Held, polled: number, changed: Effect.Effect<void> | undefined) {
    const lot = yield* Random.next
    if (changed === undefined) {
      return yield* Effect.sleep(Math.min(poll.first * 1.5 ** polled, poll.longest) * (0.5 + lot))
    }
    const millis = Math.min(held.left + 5, poll.watched * (0.75 + lot / 2))
    return yield* Effect.timeoutOption(changed, millis)
  })

  /** Tells of changes where the storage can; without it, looking from time to time does. */
  const changes = (name: string): Effect.Effect<Effect.Effect<void> | undefined, never, Scope.Scope> =>
    records.watch === undefined ? Effect.undefined : records.watch(name).pipe(Effect.catch(() => Effect.undefined))

  /** Whether what the owner of the lease saved settles it. */
  const look = Effect.fnUntraced(function* (candidate: Candidate<StorageFailure>, { fence }: Held) {
    const record = yield* records.load(candidate.name)
    const found = yield* settled(candidate, record)
    if (found === undefined && record !== undefined) yield* candidate.heed(record, fence)
    return found
  })

  /** Fails once one and the same lease goes on for longer than it may. */
  const patience = () => {
    let since = -Infinity
    let allowed = 0
    let fence: number | undefined
    // By the time of the question: whoever was frozen since then has to ask again before it believes an old answer.
    return Effect.fnUntraced(function* (held: Held, askedAt: number) {
      if (held.fence !== fence) {
        since = yield* monotonicMillis
        allowed = Math.max(settings.leaseMillis, held.left) + slack
        fence = held.fence
      }
      if (askedAt - since > allowed) return yield* new LeaseStuck({ owner: held.owner })
      told.state({ state: "waiting", owner: held.owner })
    })
  }

  /** Waits for whoever was elected; gets the lease itself where that comes to nothing. */
  const waitFor = Effect.fnUntraced(function* (
    candidate: Candidate<StorageFailure>,
    first: Held,
    ask: Ask,
    restore: Restore
  ) {
    const changed = yield* restore(changes(candidate.name))
    const bear = patience()
    let held = first
    let askedAt = yield* monotonicMillis
    for (let polled = 0; ; polled += 1) {
      yield* bear(held, askedAt)
      // Before the first pause as well: a change may have come before the watch began.
      const found = yield* restore(look(candidate, held))
      if (found !== undefined) return { _tag: "Found", token: found } as const
      askedAt = yield* monotonicMillis
      const answer = yield* restore(ask)
      if (answer._tag === "Lease") return { _tag: "Elected", lease: answer, awaited: held.fence } as const
      held = answer
      yield* restore(pause(held, polled, changed))
    }
  })

  const waited = traced(spans.lease)(function* (
    candidate: Candidate<StorageFailure>,
    held: Held,
    ask: Ask,
    restore: Restore
  ) {
    const began = yield* monotonicMillis
    return yield* Effect.ensuring(
      Effect.scoped(waitFor(candidate, held, ask, restore)),
      Effect.gen(function* () {
        const millis = Math.round((yield* monotonicMillis) - began)
        told.state({ state: "none" })
        told.waited(held.owner, millis)
        yield* recordLeaseWait(millis)
      })
    )
  })

  const contend = (candidate: Candidate<StorageFailure>, ask: Ask) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const answer = yield* restore(ask)
        if (answer._tag === "Lease") return yield* elected(candidate, answer, restore)
        const outcome = yield* waited(candidate, answer, ask, restore)
        if (outcome._tag === "Found") return outcome.token
        return yield* elected(candidate, outcome.lease, restore, outcome.awaited)
      })
    )

  const run = Effect.fnUntraced(function* (
    candidate: Candidate<StorageFailure>
  ): Effect.fn.Return<AccessToken, AuthError | StorageFailure | LeaseStuck> {
    const record = yield* records.load(candidate.name)
    const found = yield* settled(candidate, record)
    if (found !== undefined) return found
    const { exclusive } = records
    for (;;) {
      const result = yield* Effect.result(
        exclusive === undefined
          ? candidate.serve(termOf(candidate, record))
          : contend(candidate, exclusive(candidate.name, request))
      )
      if (result._tag === "Success") return result.success
      // Whoever has the lease now renews for all.
      if (result.failure._tag !== "LeaseLost") return yield* result.failure
    }
  })

  return { run }
}
