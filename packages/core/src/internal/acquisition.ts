import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { AccessToken } from "../AccessToken.ts"
import type { ApiKey } from "../ApiKey.ts"
import type { AuthError } from "../AuthError.ts"
import { Credentials } from "../Credentials.ts"
import { Provider } from "../Provider.ts"
import type { RenewalSettings } from "../RenewalPolicy.ts"
import { countRenewal, spans, traced } from "../Telemetry.ts"
import type { RenewalReason, TokenEvent } from "../TokenEvent.ts"
import { credentialName } from "./credentialName.ts"
import { type Candidate, LeaseLost, type Term } from "./election.ts"
import { takeShared } from "./issueBudget.ts"
import { sharedFailure, toldFailure, unavailable } from "./issueErrors.ts"
import type { Issuer } from "./issuer.ts"
import { learnedLives } from "./learnedLives.ts"
import type { Sharing } from "./sharing.ts"
import type { BucketSettings } from "./tokenBucket.ts"

/** What is asked for, and by how many. */
export interface Wanted {
  readonly reason: RenewalReason
  /** Nobody had to wait when it began. */
  readonly background: boolean
  waited: number
}

/** A token that was had. */
export interface Acquired {
  readonly token: AccessToken
  /** Milliseconds since its issue call was sent. */
  readonly age: number
  /** Milliseconds since it was minted for certain: other servers may not know it yet (TOK-11). */
  readonly knownFor: number
}

/**
 * How a token is had: from the storage where somebody else renewed it, else from the issuer, with the current key or,
 * where that is refused, the next one (KEY-3).
 */
export const makeAcquisition = Effect.fnUntraced(function* (dependencies: {
  readonly base: URL
  readonly issuer: Issuer
  readonly sharing: Sharing
  readonly renewal: RenewalSettings
  readonly budget: BucketSettings
  readonly emit: (event: TokenEvent) => void
  /** Whether a stored token is worth having in place of the one that is held; `longest` is how long any can live. */
  readonly isUseful: (token: AccessToken, longest: number) => boolean
  /** The token that is held, while it is good. */
  readonly held: () => AccessToken | undefined
  readonly keepTrying: () => boolean
  /** Hands over the token as soon as it is there: nobody has to wait until it is stored. */
  readonly hold: (acquired: Acquired) => void
}) {
  const { base, budget, emit, held, hold, isUseful, issuer, keepTrying, renewal, sharing } = dependencies
  const provider = yield* Provider
  const { sources } = yield* Credentials
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const lives = learnedLives(sources.length, renewal)
  let activeSource = 0
  /** Whose the token is that is held: it is shared under no other name (KEY-4). */
  let heldName: string | undefined

  const adopt = Effect.fnUntraced(function* (token: AccessToken, { reason, waited }: Wanted, name: string) {
    // Whoever issued it may have a clock that runs ahead: the token lives from here on at most (TOK-9).
    const age = Math.max(0, now() - token.issuedAt)
    heldName = name
    hold({ token, age, knownFor: age })
    emit({ type: "adopted", at: now(), tokenId: token.id, reason, waited })
    yield* countRenewal(reason, "adopted")
    return token
  })

  const issue = Effect.fnUntraced(function* (key: ApiKey, wanted: Wanted, name: string, term: Term) {
    let shared = term.record?.budget
    /** Takes one issue call from the budget of all who share the storage, before it is sent (TOK-8). */
    const claim = Effect.suspend(() => {
      if (!term.isElected) return Effect.succeed(0)
      const taken = takeShared(shared, budget, now())
      if (taken.wait > 0) return Effect.succeed(taken.wait)
      shared = taken.bucket
      const claimed = { ...term.record, observations: lives.observations(), budget: shared }
      return Effect.flatMap(term.save(claimed), (saved) => (saved ? Effect.succeed(0) : Effect.fail(new LeaseLost())))
    })
    /** What all should know of a failure; those who waited for this lease fail the same way. */
    const tell = Effect.fnUntraced(function* (error: AuthError | LeaseLost) {
      const refusal = issuer.refusalToShare(name)
      const failed = error._tag === "LeaseLost" ? undefined : toldFailure(error, term.fence)
      if (!term.isElected || (refusal === undefined && failed === undefined)) return
      const record = { ...term.record, observations: lives.observations(), budget: shared, refusal, failed }
      // Whoever slept through its lease learns from those who were elected since, not from its own timers.
      if (!(yield* term.save(record)) && keepTrying()) return yield* new LeaseLost()
    })
    const issued = yield* Effect.tapError(issuer.issue({ key, name, claim }, keepTrying), tell)
    const token = lives.tokenOf(issued)
    heldName = name
    hold({ token, age: issued.tookMillis, knownFor: 0 })
    const { reason, waited } = wanted
    emit({ type: "issued", at: now(), tokenId: token.id, reason, tookMillis: Math.round(issued.tookMillis), waited })
    yield* countRenewal(reason, "issued")
    return yield* share(token, wanted, name, term, shared)
  })

  /** Saves a token for all. Where somebody else was elected meanwhile, theirs is the one to have. */
  const share = Effect.fnUntraced(function* (
    token: AccessToken,
    wanted: Wanted,
    name: string,
    term: Term,
    left = term.record?.budget
  ) {
    if (yield* term.save({ token, observations: lives.observations(), budget: left })) return token
    const newer = (yield* term.reload)?.token
    return newer !== undefined && isUseful(newer, lives.longest()) ? yield* adopt(newer, wanted, name) : token
  })

  const candidate = (key: ApiKey, name: string, wanted: Wanted): Candidate => {
    const kept = () => (wanted.reason === "rejoin" ? held() : undefined)
    return {
      name,
      kept,
      settle: Effect.fnUntraced(function* ({ observations, refusal, token }) {
        lives.recall(name, observations)
        if (token !== undefined && isUseful(token, lives.longest())) return yield* adopt(token, wanted, name)
        const refused = issuer.heed({ key, name }, refusal)
        if (refused !== undefined && kept() === undefined) return yield* refused
        return undefined
      }),
      heed: ({ failed }, fence) => (failed?.fence === fence ? Effect.fail(sharedFailure(failed.code)) : Effect.void),
      serve: Effect.fnUntraced(function* (term) {
        if (term.record === undefined) lives.recall(name, undefined)
        const mine = kept()
        if (mine !== undefined) return yield* share(mine, wanted, name, term)
        // Whoever was refused and then lost its lease comes here again.
        return yield* issuer.standing(name) ?? issue(key, wanted, name, term)
      })
    }
  }

  const useSource = (index: number, key: ApiKey) => {
    if (index !== activeSource) emit({ type: "key-rotated", at: now(), key: key.name })
    activeSource = index
  }

  const acquire = traced(spans.renew)(function* (wanted: Wanted): Effect.fn.Return<AccessToken, AuthError> {
    let refusal: AuthError | undefined
    const isRejoin = wanted.reason === "rejoin" && held() !== undefined
    let isTold = isRejoin
    for (const [index, source] of sources.entries()) {
      const asked = yield* Effect.result(issuer.hasStanding() ? source.recent : source.current)
      // Without a second key, the first one's refusal is what there is to say.
      if (asked._tag === "Failure") return yield* refusal ?? asked.failure
      const key = asked.success
      const name = yield* credentialName(provider.name, base, key)
      if (isRejoin && name !== heldName) continue
      const standing = isRejoin ? undefined : issuer.standing(name)
      // A refusal that stands is not worth an event to every caller who asks meanwhile.
      if (standing === undefined && !isTold) {
        emit({ type: "renewal-started", at: now(), reason: wanted.reason, background: wanted.background })
        isTold = true
      }
      const result =
        standing === undefined ? yield* Effect.result(sharing.acquire(candidate(key, name, wanted))) : undefined
      if (result?._tag === "Success") {
        useSource(index, key)
        return result.success
      }
      const failure = standing ?? result?.failure
      if (failure?.reason._tag !== "ApiKeyRejected") return yield* failure!
      refusal ??= failure
    }
    const mine = held()
    if (isRejoin && mine !== undefined) return mine
    return yield* refusal ?? unavailable("The token ended while it was to be shared again.")
  })

  return { acquire, learnFrom: lives.learnFrom }
})
