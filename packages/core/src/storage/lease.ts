import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type { AccessToken } from "../credentials/AccessToken.ts"
import type { TokenStatus } from "../lifecycle/TokenStatus.ts"
import { type LeaseTaken, maxLeaseMillis } from "../ports/TokenStorage.ts"
import { clocks } from "../runtime/clocks.ts"
import { recordMillis, traced } from "../telemetry/Telemetry.ts"
import type { TokenEvent } from "../telemetry/TokenEvent.ts"
import type { CredentialRecord } from "./record.ts"
import type { SharedStore } from "./sharedStore.ts"

/** Another client got the lease before the token request was sent. */
export class LeaseLost extends Data.TaggedError("LeaseLost") {}

/** A lease lasts longer than is allowed. */
export class LeaseStuck extends Data.TaggedError("LeaseStuck")<{ readonly owner: string }> {}

/** The right to renew for all clients that share the storage. */
export interface OwnLease {
  readonly fence: number
  /** This client, as others see it. */
  readonly owner: string
  /** The fence of the lease that was waited for before. */
  readonly awaited?: number | undefined
  /**
   * Whether it may end before a token request that is sent now: it has ended, or the process was frozen for longer than
   * the margin by which a lease outlasts the request. Another client may be the owner then.
   */
  readonly isLost: () => boolean
  /** Fails as soon as a freeze lost the lease. */
  readonly lost: Effect.Effect<never, LeaseLost>
}

/** The owner of this client's leases, and how long they last, in milliseconds. */
export interface LeaseSettings {
  readonly owner: string
  readonly leaseMillis: number
  /** By how much a lease outlasts the deadline of the token request that it is for. */
  readonly leaseMargin: number
}

/** The shortest pause between two polls, in milliseconds. */
const shortestPause = 25

/**
 * How long to wait before asking for a taken lease again, in milliseconds: at first, at most, and how many times as long as
 * the last response took. A watch wakes the client, so it asks only in case that a message was lost. If many clients wait, a
 * storage that responds slowly or cannot be watched is overloaded, and asking often would make that worse.
 */
const poll = {
  watched: [400, 3_000, 10],
  watchFailed: [shortestPause, 800, 10],
  unwatched: [shortestPause, 50, 0]
} as const

/** A renewal changes a record a few times at once. A watch that ends more often may end without a change. */
const maxQuickPolls = 5

/** How much longer than its time another client's lease may last, in milliseconds: clocks differ. */
const tolerance = 1_000

/** How often a lease owner checks whether it was frozen, in milliseconds. */
const freezeTick = 100

/** A longer time between two checks is a freeze, in milliseconds; a busy machine can cause a shorter one. */
const shortestFreeze = 1_000

/** A store that has leases. */
export type LeasingStore = SharedStore & Required<Pick<SharedStore, "lease">>

/** Gets the lease of a store, or waits for the token of the client that owns it. */
export const makeLeases = Effect.fnUntraced(function* (settings: LeaseSettings, emit: (event: TokenEvent) => void) {
  const { leaseMargin, leaseMillis, owner } = settings
  const { mono, wall } = yield* clocks
  let state: TokenStatus["lease"] = { state: "none" }
  /** Whether the last watch succeeded. The storage may keep what it needs for the next one, such as a subscription. */
  let hasWatched = false
  /** How long the last response to a lease request took, in milliseconds. */
  let took = 0

  /** Runs until the process was frozen for longer than the margin in total. */
  const frozenTooLong = Effect.gen(function* () {
    for (let frozen = 0; frozen <= leaseMargin;) {
      const checkedAt = mono()
      yield* Effect.sleep(freezeTick)
      const passed = mono() - checkedAt
      if (passed > shortestFreeze) frozen += passed
    }
  })

  /** Asks once for the lease, and watches for freezes from then on until the scope ends. */
  const ask = (store: LeasingStore, name: string, awaited?: number) =>
    Effect.gen(function* () {
      const askedAt = mono()
      const watch = yield* Effect.forkScoped(frozenTooLong)
      const lease = yield* store.lease(name)
      took = mono() - askedAt
      if (lease._tag === "LeaseTaken") {
        yield* Fiber.interrupt(watch)
        return lease
      }
      // After a freeze, timers run before network events, so a token request that was not sent yet is aborted in time.
      const lost = Effect.andThen(Fiber.await(watch), Effect.fail(new LeaseLost()))
      const isLost = () => watch.pollUnsafe() !== undefined || mono() >= askedAt + leaseMillis
      return { _tag: "OwnLease", fence: lease.fence, owner: lease.owner ?? owner, awaited, isLost, lost } as const
    })

  /** Watches, if the storage can. Before the first load, a client watches only if it has waited before. */
  const watch = (store: SharedStore, name: string, isNeeded = hasWatched) =>
    Effect.gen(function* () {
      if (!isNeeded || !store.watch) return undefined
      const changed = yield* Effect.orElseSucceed(store.watch(name), () => undefined)
      hasWatched = !!changed
      return changed
    })

  /** Checks how long the same lease lasts; fails if that is longer than a lease may last. */
  const leaseAge = () => {
    let fence: number | undefined
    let since = -Infinity
    let allowed = 0
    return (taken: LeaseTaken, askedAt: number): Effect.Effect<void, LeaseStuck> => {
      if (taken.fence !== fence) {
        fence = taken.fence
        since = mono()
        allowed = Math.max(leaseMillis, taken.left) + tolerance
      }
      // Measured up to the time of the request: after a freeze, the response is old, so the client asks again first.
      return askedAt - since > allowed || taken.left > maxLeaseMillis + tolerance
        ? Effect.fail(new LeaseStuck({ owner: taken.owner }))
        : Effect.void
    }
  }

  const wait = traced("lease")(function* <E>(
    store: LeasingStore,
    name: string,
    first: LeaseTaken,
    watched: Effect.Effect<void> | undefined,
    adopt: (record: CredentialRecord | undefined, awaited: number) => Effect.Effect<AccessToken | undefined, E>
  ) {
    const began = mono()
    let changed = watched
    const checkLeaseAge = leaseAge()
    let taken = first
    let askedAt = began
    const waiting = Effect.gen(function* () {
      for (let polls = 0; ; polls += 1) {
        yield* checkLeaseAge(taken, askedAt)
        state = { state: "waiting", owner: taken.owner }
        // Before the first pause as well, unless the watch began before the last load: it reports all changes since.
        if (polls > 0 || changed === undefined) {
          changed ??= yield* watch(store, name, true)
          const adopted = yield* adopt(yield* store.load(name), taken.fence)
          if (adopted !== undefined) return adopted
          askedAt = mono()
          const lease = yield* ask(store, name, taken.fence)
          if (lease._tag === "OwnLease") return lease
          taken = lease
        }
        const [shortest, longest, slowness] = changed ? poll.watched : store.watch ? poll.watchFailed : poll.unwatched
        const millis = Math.min(Math.max(shortest * 1.5 ** polls, slowness * took), longest)
        const jitter = 0.75 + (yield* Random.next) / 2
        yield* Effect.timeoutOption(changed ?? Effect.never, Math.min(taken.left + 5, millis * jitter))
        if (polls > maxQuickPolls && mono() - askedAt < shortestPause) yield* Effect.sleep(shortestPause)
      }
    })
    return yield* Effect.ensuring(
      waiting,
      Effect.suspend(() => {
        const waitedMillis = Math.round(mono() - began)
        state = { state: "none" }
        emit({ type: "lease-waited", at: wall(), owner: first.owner, waitedMillis })
        return recordMillis("leaseWaitMillis", waitedMillis)
      })
    )
  })

  /**
   * Returns this client's lease, which ends with the scope, or what `adopt` found while another client owned it. `watched`
   * is a watch that began before the last load.
   */
  const acquireOrAdopt = <E>(
    store: LeasingStore,
    name: string,
    watched: Effect.Effect<void> | undefined,
    adopt: (record: CredentialRecord | undefined, awaited: number) => Effect.Effect<AccessToken | undefined, E>
  ) =>
    Effect.gen(function* () {
      const lease = yield* ask(store, name)
      const outcome: AccessToken | OwnLease =
        lease._tag === "OwnLease" ? lease : yield* wait(store, name, lease, watched, adopt)
      yield* Effect.addFinalizer(() => Effect.sync(() => (state = { state: "none" })))
      if ("fence" in outcome) state = { state: "held", owner: outcome.owner }
      return outcome
    })

  return { acquireOrAdopt, watch, state: () => state }
})
