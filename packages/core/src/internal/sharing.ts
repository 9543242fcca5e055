import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { AccessToken } from "../AccessToken.ts"
import { AuthError } from "../AuthError.ts"
import { FallbackStorage } from "../FallbackStorage.ts"
import { countStorageFailure } from "../Telemetry.ts"
import type { TokenEvent } from "../TokenEvent.ts"
import { type StorageFailure, TokenStorage } from "../TokenStorage.ts"
import { type Candidate, type LeaseState, type LeaseStuck, makeElection, type Term } from "./election.ts"
import { guardedStorage } from "./guardedStorage.ts"
import { randomId } from "./randomId.ts"
import { makeSeal } from "./sealing.ts"
import { storedRecords } from "./storedRecords.ts"
import type { storageSettings } from "./storageSettings.ts"

/** What {@link makeSharing} makes. */
export type Sharing = Effect.Success<ReturnType<typeof makeSharing>>

/** How long a storage that failed is left alone, in milliseconds: doubling, and no longer than the second. */
const probes = { first: 1_000, longest: 30_000 }

type Fault = StorageFailure | LeaseStuck

const operationOf = (fault: Fault): StorageFailure["operation"] =>
  fault._tag === "StorageFailure" ? fault.operation : "exclusive"

const detailOf = (fault: Fault): string =>
  fault._tag === "StorageFailure" ? fault.detail : `the lease of ${fault.owner} does not end`

/** A fault as the error that users of `storageFailure: "require"` asked for. */
const errorOf = (fault: Fault): AuthError => {
  if (fault._tag === "LeaseStuck") {
    return AuthError.of(
      { _tag: "LeaseTimeout", owner: fault.owner },
      {
        what: `Another client (${fault.owner}) keeps the right to renew for longer than it may.`,
        fix: "Try again; if it goes on, look at the clocks of the storage and of its hosts."
      }
    )
  }
  const { detail, insecure = false, operation } = fault
  if (insecure) {
    return AuthError.of(
      { _tag: "StorageInsecure" },
      { what: `Others may write where tokens are stored: ${detail}.`, fix: "Give the storage a place of its own." }
    )
  }
  return AuthError.of(
    { _tag: "StorageFailed", operation },
    { what: `The storage failed (${operation}: ${detail}).`, fix: "Make it work again; nothing else is needed." }
  )
}

/**
 * Where a token is had from, whatever works: from the storage; while that fails, from the fallback; and without either,
 * from the issuer alone (STO-2). It comes back to the storage by itself.
 *
 * @param leaseMillis How long a lease lasts, in milliseconds.
 */
export const makeSharing = Effect.fnUntraced(function* (
  settings: ReturnType<typeof storageSettings> & { readonly leaseMillis: number },
  told: {
    readonly emit: (event: TokenEvent) => void
    /** A save failed, and is tried again. */
    readonly saveFailed: () => void
  }
) {
  const { emit, saveFailed } = told
  const storage = yield* TokenStorage
  const second = yield* FallbackStorage
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const mono = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const seals = yield* Effect.forEach(settings.encryptionKeys, makeSeal)
  const owner = randomId()

  let lease: LeaseState = { state: "none" }
  let failed = 0
  let probeAt = 0

  const degrade = Effect.fnUntraced(function* (fault: Fault) {
    failed += 1
    probeAt = mono() + Math.min(probes.first * 2 ** (failed - 1), probes.longest)
    if (failed > 1) return
    emit({ type: "storage-degraded", at: now(), operation: operationOf(fault), detail: detailOf(fault) })
    yield* countStorageFailure(operationOf(fault))
  })

  const recover = () => {
    if (failed > 0) emit({ type: "storage-recovered", at: now() })
    failed = 0
  }

  /** Tries again until the grace is over, unless it is known to fail: a short freeze must not make all issue. */
  const patiently = Effect.fnUntraced(function* <A>(
    operation: Effect.Effect<A, StorageFailure>,
    tryingAgain: () => void = () => undefined
  ) {
    const until = mono() + (failed > 0 ? 0 : settings.grace)
    for (;;) {
      const result = yield* Effect.result(operation)
      if (result._tag === "Success") return result.success
      if (result.failure.insecure === true || mono() >= until) return yield* result.failure
      tryingAgain()
      yield* Effect.sleep(50 + 100 * (yield* Random.next))
    }
  })

  const patient = (place: TokenStorage["Service"]): TokenStorage["Service"] => {
    const { exclusive } = place
    return {
      ...place,
      load: (name) => patiently(place.load(name)),
      save: (name, stored) => patiently(place.save(name, stored), saveFailed),
      ...(exclusive === undefined ? undefined : { exclusive: (name, request) => patiently(exclusive(name, request)) })
    }
  }

  const electionOn = (place: TokenStorage["Service"]) => {
    const records = storedRecords(place, seals, (why) => emit({ type: "record-ignored", at: now(), why }))
    const waited = (whom: string, waitedMillis: number) =>
      emit({ type: "lease-waited", at: now(), owner: whom, waitedMillis })
    const state = (changed: LeaseState) => {
      lease = changed
    }
    return makeElection(records, { owner, leaseMillis: settings.leaseMillis }, { state, waited })
  }

  const primary = electionOn(patient(guardedStorage(storage, settings.timeout)))
  const fallback = second === undefined ? undefined : electionOn(guardedStorage(second, settings.timeout))

  /** A token that was had is given out, also where it could not be saved; `unsaved` is told of that. */
  const tolerant = (candidate: Candidate, unsaved: (fault: StorageFailure) => Effect.Effect<void>) => ({
    ...candidate,
    serve: (term: Term<StorageFailure>) =>
      candidate.serve({
        ...term,
        save: (record) => term.save(record).pipe(Effect.catch((fault) => Effect.as(unsaved(fault), true))),
        reload: term.reload.pipe(Effect.catch(() => Effect.undefined))
      })
  })

  const alone = (candidate: Candidate) =>
    candidate
      .serve({
        record: undefined,
        isElected: false,
        fence: 0,
        save: () => Effect.succeed(true),
        reload: Effect.undefined
      })
      .pipe(Effect.catchTag("LeaseLost", Effect.die))

  const elsewhere = (candidate: Candidate): Effect.Effect<AccessToken, AuthError> => {
    const kept = candidate.kept()
    if (kept !== undefined) return Effect.succeed(kept)
    if (fallback === undefined) return alone(candidate)
    return Effect.catchTags(fallback.run(tolerant(candidate, () => Effect.void)), {
      StorageFailure: () => alone(candidate),
      LeaseStuck: () => alone(candidate)
    })
  }

  /** A token for a candidate, shared with as many as can be. */
  const acquire = Effect.fnUntraced(function* (candidate: Candidate): Effect.fn.Return<AccessToken, AuthError> {
    if (!settings.isRequired && failed > 0 && mono() < probeAt) return yield* elsewhere(candidate)
    const failedBefore = failed
    const result = yield* Effect.result(primary.run(tolerant(candidate, degrade)))
    if (result._tag === "Failure" && result.failure._tag !== "AuthError") {
      yield* degrade(result.failure)
      return yield* settings.isRequired ? errorOf(result.failure) : elsewhere(candidate)
    }
    if (failed === failedBefore) recover()
    if (result._tag === "Success") return result.success
    return yield* result.failure as AuthError
  })

  return {
    acquire,
    capabilities: storage.capabilities,
    lease: () => lease,
    isDegraded: () => failed > 0,
    /** How long until the storage that failed is worth another look, in milliseconds; `Infinity` while it works. */
    probeIn: () => (failed > 0 ? Math.max(0, probeAt - mono()) : Infinity)
  }
})
