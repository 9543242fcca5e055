import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { AccessToken } from "../credentials/AccessToken.ts"
import type { ApiKey } from "../credentials/ApiKey.ts"
import { Credentials } from "../credentials/Credentials.ts"
import { recordNames } from "../credentials/recordName.ts"
import type { LookAgain } from "../grants/GrantUse.ts"
import type { makeGrants } from "../grants/makeGrants.ts"
import { isCredentialRejection } from "../errors/errorCodes.ts"
import { invalidOption } from "../errors/optionChecks.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import { StorageFailure } from "../ports/TokenStorage.ts"
import { Provider } from "../ports/Provider.ts"
import { clocks } from "../runtime/clocks.ts"
import { LeaseLost, makeLeases } from "../storage/lease.ts"
import type { LeaseSettings, LeaseStuck, LeasingStore, OwnLease } from "../storage/lease.ts"
import type { CredentialRecord, SharedRejection } from "../storage/record.ts"
import { noStore, type SharedStore } from "../storage/sharedStore.ts"
import type { StorageSettings } from "../storage/storageSettings.ts"
import { makeStores, storageError } from "../storage/stores.ts"
import { count, traced } from "../telemetry/Telemetry.ts"
import type { RenewalReason, TokenEvent } from "../telemetry/TokenEvent.ts"
import { takeShared } from "../token-request/requestBudget.ts"
import type { BucketSettings } from "../token-request/tokenBucket.ts"
import { failureToShare, sharedFailure } from "../token-request/tokenRequestErrors.ts"
import type { IssuedToken, TokenRequester } from "../token-request/tokenRequester.ts"
import type { ClientMemory } from "./ClientMemory.ts"
import { learnedLifetimes } from "./learnedLifetimes.ts"
import type { RenewalSettings } from "./RenewalPolicy.ts"

/** Why a token is needed, and how many callers wait for it. */
export interface Need {
  readonly reason: RenewalReason
  /** No caller waited when the renewal began. */
  readonly background: boolean
  waited: number
}

/** A token that was requested or adopted. */
export interface Obtained {
  readonly token: AccessToken
  /** Milliseconds since its token request was sent. */
  readonly age: number
  /** Milliseconds since the issuer had certainly created it. Other servers may accept it only later. */
  readonly knownFor: number
}

/** How often a renewal may lose its lease: a busy process or a slow storage could lose every one (TOK-3). */
const maxLostLeases = 3

/** The shortest time before the record of a grant is loaded again, in milliseconds. */
const shortestPause = 25

/** The code for refresh tokens is loaded only for clients that have one. */
const grantsOf = Effect.fnUntraced(function* (
  { grant }: Provider["Service"],
  dependencies: Omit<Parameters<typeof makeGrants>[0], "settings">
) {
  if (grant === undefined) return undefined
  const module = yield* Effect.promise(() => import("../grants/makeGrants.ts"))
  return yield* module.makeGrants({ ...dependencies, settings: grant })
})

/** One credential's token, to be renewed. */
interface Task {
  readonly key: ApiKey
  /** The credential's name. */
  readonly name: string
  /** The name of its record in the storage. */
  readonly stored: string
  readonly need: Need
}

/**
 * Renews the token: load it from the storage, where another client may have renewed it; else get the lease, load again,
 * request a token, and save it. Read the functions below from the last one up.
 */
export const makeRenewal = Effect.fnUntraced(function* (dependencies: {
  readonly base: URL
  /** The deadline of the token request, in milliseconds. */
  readonly deadline: number
  readonly requester: TokenRequester
  readonly storage: StorageSettings &
    LeaseSettings & {
      readonly holdsKey: (text: string) => boolean
      /** Whether a text from outside contains a part of a key or of the token, and must not be shown. */
      readonly holdsSecret: (text: string) => boolean
    }
  readonly renewal: RenewalSettings
  readonly budget: BucketSettings
  readonly emit: (event: TokenEvent) => void
  /** Whether a stored token is better than the current one; `longest` is the age at which earlier tokens expired. */
  readonly isUseful: (token: AccessToken, longest: number) => boolean
  readonly keepTrying: () => boolean
  /** Makes the token the current one: new callers get it at once, before it is saved. */
  readonly setCurrent: (obtained: Obtained) => void
  /** Saving the token failed and is retried. */
  readonly saveRetried: () => void
  /** How long the current token is still good, in milliseconds. */
  readonly tokenLasts: () => number
  readonly memory: ClientMemory
}) {
  const { base, budget, emit, isUseful, keepTrying, renewal, requester, setCurrent } = dependencies
  const provider = yield* Provider
  const { sources } = yield* Credentials
  const names = sources.map(() => recordNames(provider, base))
  const { wall } = yield* clocks
  const lifetimes = learnedLifetimes(sources.length, renewal, dependencies.memory.learned)
  const stores = yield* makeStores(dependencies.storage, dependencies)
  const leases = yield* makeLeases(dependencies.storage, emit)
  const grants = yield* grantsOf(provider, { ...dependencies, owner: dependencies.storage.owner, stores })
  let activeSource = 0
  /** The record that was used last. */
  let lastName: string | undefined

  const adopt = (token: AccessToken, { need: { reason, waited } }: Task) =>
    Effect.gen(function* () {
      // The clock of the client that renewed it may be ahead: the token lives from now on at most (TOK-9).
      const age = Math.max(0, wall() - token.issuedAt)
      setCurrent({ token, age, knownFor: age })
      emit({ type: "adopted", at: wall(), tokenId: token.id, reason, waited })
      yield* count("renewals", { reason, outcome: "adopted" })
      return token
    })

  /** Adopts a record's token if it is useful; fails with the failure or rejection that the record reports. */
  const adoptOrFail = (task: Task, record: CredentialRecord | undefined, awaitedFence?: number) =>
    Effect.gen(function* () {
      if (record === undefined) return undefined
      const { failed, observations, rejection, token } = record
      lifetimes.load(task.stored, observations)
      if (token !== undefined && isUseful(token, lifetimes.longest())) return yield* adopt(token, task)
      const { credential = task.name } = rejection ?? {}
      const rejected = credential === task.name ? requester.applyShared(task, rejection) : undefined
      if (rejected !== undefined) return yield* rejected
      // The lease owner that this client waited for got no token: the same request would fail again.
      if (failed !== undefined && failed.fence === awaitedFence) return yield* sharedFailure(failed.code)
      return undefined
    })

  /** Saves a new token. If another client got the lease meanwhile, its token is adopted instead. */
  const saveOrAdopt = (
    store: SharedStore,
    task: Task,
    token: AccessToken,
    sharedBudget: CredentialRecord["budget"],
    lease: OwnLease | undefined
  ) =>
    Effect.gen(function* () {
      const record = { token, observations: lifetimes.observations(), budget: sharedBudget }
      if (yield* store.save(task.stored, record, lease?.fence)) return token
      const newer = (yield* Effect.orElseSucceed(store.load(task.stored), () => undefined))?.token
      return newer !== undefined && isUseful(newer, lifetimes.longest()) ? yield* adopt(newer, task) : token
    })

  /** Clients with different credentials share the record of a grant: what rejects one of them says nothing of another. */
  const sharedRejection = ({ name, stored }: Task): SharedRejection | undefined => {
    const rejection = requester.rejectionToShare(name)
    return rejection?.kind === "rejected" && stored !== name ? { ...rejection, credential: name } : rejection
  }

  const issue = (
    { key, name }: Task,
    lease: OwnLease | undefined,
    claim: Effect.Effect<number, LeaseLost>
  ): Effect.Effect<IssuedToken, TokenkeepError | LeaseLost | LookAgain | StorageFailure> => {
    if (grants !== undefined) return grants.exchange({ key, name }, lease, claim)
    const request = requester.requestToken({ key, name, claim }, keepTrying)
    return lease === undefined ? request : Effect.raceFirst(request, lease.lost)
  }

  const requestToken = (
    store: SharedStore,
    task: Task,
    record: CredentialRecord | undefined,
    lease: OwnLease | undefined
  ) =>
    Effect.gen(function* () {
      let sharedBudget = record?.budget
      const isLost = () => lease !== undefined && lease.isLost()
      const update = (change?: Partial<CredentialRecord>) =>
        store.save(
          task.stored,
          { ...record, observations: lifetimes.observations(), budget: sharedBudget, ...change },
          lease?.fence,
          // Without a change, the record has nothing new for waiting clients.
          change === undefined
        )

      /** Takes one request from the budget of all clients that share the storage, before it is sent (TOK-8). */
      const claim = Effect.gen(function* () {
        if (lease === undefined) return 0
        const { bucket, wait } = takeShared(sharedBudget, budget, wall())
        if (wait > 0) return wait
        sharedBudget = bucket
        if (!(yield* update()) || isLost()) return yield* new LeaseLost()
        return 0
      })

      /** Saves a failure that other clients must know; clients that wait for this lease fail the same way. */
      const shareFailure = (error: TokenkeepError | LeaseLost | LookAgain | StorageFailure) =>
        Effect.gen(function* () {
          if (lease === undefined || error._tag !== "TokenkeepError") return
          const rejection = sharedRejection(task)
          const failed = failureToShare(error, lease.fence)
          if (rejection === undefined && failed === undefined) return
          // If the lease was lost meanwhile, its new owner's outcome counts.
          if (!(yield* update({ rejection, failed })) && keepTrying()) return yield* new LeaseLost()
        })

      const issued = yield* Effect.tapError(issue(task, lease, claim), shareFailure)
      const token = lifetimes.tokenFrom(issued)
      const obtained = { token, age: issued.tookMillis, knownFor: 0 }
      // Another client may own the lease by now, and may have requested a newer token.
      const isDoubtful = isLost()
      if (!isDoubtful) setCurrent(obtained)
      // Read late: callers join while the request is under way.
      const { reason, waited } = task.need
      emit({ type: "issued", at: wall(), tokenId: token.id, reason, tookMillis: Math.round(issued.tookMillis), waited })
      yield* count("renewals", { reason, outcome: "issued" })
      const best = yield* saveOrAdopt(store, task, token, sharedBudget, lease)
      // That newer token may have invalidated this one: it is used only once it is saved under the lease.
      if (isDoubtful && best === token) setCurrent(obtained)
      return best
    })

  /** Requests a token, unless the issuer rejected this credential before and would reject it again. */
  const requestUnlessRejected = (
    store: SharedStore,
    task: Task,
    record: CredentialRecord | undefined,
    lease?: OwnLease
  ) =>
    Effect.suspend(() => {
      if (record === undefined) lifetimes.load(task.stored, undefined)
      return requester.activeRejection(task.name) ?? requestToken(store, task, record, lease)
    })

  const renewUnderLease = (store: LeasingStore, task: Task, watched: Effect.Effect<void> | undefined) =>
    Effect.gen(function* () {
      const lease = yield* leases.acquireOrAdopt(store, task.stored, watched, (record, awaited) =>
        adoptOrFail(task, record, awaited)
      )
      if (!("fence" in lease)) return lease
      // The previous lease owner may have saved a token after our last load. A failing storage is no reason to stop.
      const record = yield* Effect.orElseSucceed(store.load(task.stored), () => undefined)
      const adopted = yield* adoptOrFail(task, record, lease.awaited)
      return adopted ?? (yield* requestUnlessRejected(store, task, record, lease))
    })

  const renewIn = (
    store: SharedStore,
    task: Task
  ): Effect.Effect<AccessToken, TokenkeepError | StorageFailure | LeaseStuck> =>
    Effect.gen(function* () {
      const obstacle = grants && (yield* grants.check)
      // A client that has waited before will probably wait again. If it watches first, it need not load the record twice.
      const watched = yield* leases.watch(store, task.stored)
      const record = yield* store.load(task.stored)
      const adopted = yield* adoptOrFail(task, record)
      if (adopted !== undefined) return adopted
      // A stored access token may be good for longer than its grant.
      if (obstacle !== undefined) return yield* obstacle
      const { lease } = store
      for (let lost = 0; lost < maxLostLeases; lost += 1) {
        const attempt =
          lease === undefined
            ? requestUnlessRejected(store, task, record)
            : Effect.scoped(renewUnderLease({ ...store, lease }, task, lost ? undefined : watched))
        const result = yield* Effect.result(attempt)
        if (result._tag === "Success") return result.success
        const { failure } = result
        if (failure._tag === "LookAgain") {
          // Without the lease: the client that has the result may need it.
          yield* Effect.sleep(failure.millis + shortestPause)
          return yield* renewIn(store, task)
        }
        // Another client owns the lease now and renews the shared token: wait for it.
        if (failure._tag !== "LeaseLost") return yield* failure
      }
      return yield* new StorageFailure({ operation: "acquireLease", detail: "the lease was lost three times in a row" })
    }).pipe(Effect.scoped)

  /** Renews over the storage; while that fails, over the fallback; while both fail, without a storage (STO-2). */
  const renewTask = (task: Task): Effect.Effect<AccessToken, TokenkeepError> =>
    Effect.gen(function* () {
      lastName = task.stored
      const shared = stores.isUsable() ? stores.observed(renewIn(stores.primary, task)) : undefined
      for (const attempt of [shared, stores.fallback && renewIn(stores.fallback, task)]) {
        if (attempt === undefined) continue
        const result = yield* Effect.result(attempt)
        if (result._tag === "Success") return result.success
        if (result.failure._tag === "TokenkeepError") return yield* result.failure
      }
      return yield* Effect.catchTags(renewIn(noStore, task), { StorageFailure: Effect.die, LeaseStuck: Effect.die })
    })

  /** Renews with the current key or, if that is rejected, with the next one (KEY-3). */
  const renew = traced("renew")(function* (need: Need): Effect.fn.Return<AccessToken, TokenkeepError> {
    let rejected: TokenkeepError | undefined
    let isAnnounced = false
    for (const [index, source] of sources.entries()) {
      const read = yield* Effect.result(requester.hasActiveRejection() ? source.recent : source.current)
      // If there is no second key, the first one's rejection is the failure.
      if (read._tag === "Failure") return yield* rejected ?? read.failure
      const key = read.success
      const name = yield* names[index]!(key)
      const rejection = requester.activeRejection(name)
      // A call that fails because of an active rejection starts no renewal, so it has no event.
      if (rejection === undefined && !isAnnounced) {
        emit({ type: "renewal-started", at: wall(), reason: need.reason, background: need.background })
        isAnnounced = true
      }
      const stored = grants === undefined ? name : yield* grants.name
      const result = yield* Effect.result(rejection ?? renewTask({ key, name, stored, need }))
      if (result._tag === "Success") {
        if (index !== activeSource) emit({ type: "key-rotated", at: wall(), key: key.name })
        activeSource = index
        return result.success
      }
      if (!isCredentialRejection(result.failure.code)) return yield* result.failure
      rejected ??= result.failure
    }
    return yield* rejected as TokenkeepError
  })

  /** Checks whether the failed storage works again (STO-2). */
  const probe = Effect.suspend(() =>
    lastName === undefined ? Effect.void : stores.probe(lastName).pipe(Effect.catch(() => Effect.void))
  )

  const replaceGrant = (refreshToken: string | Redacted.Redacted): Effect.Effect<void, TokenkeepError> =>
    grants === undefined
      ? Effect.fail(
          invalidOption("grant", "is not a refresh token", "Create the client with one: only those can be replaced.")
        )
      : Effect.catchTag(grants.replace(refreshToken), "StorageFailure", (failure) => Effect.fail(storageError(failure)))

  return {
    renew,
    probe,
    grants,
    replaceGrant,
    learnFrom: lifetimes.learnFrom,
    lease: leases.state,
    isDegraded: stores.isDegraded,
    probeIn: stores.probeIn,
    capabilities: stores.capabilities
  }
})
