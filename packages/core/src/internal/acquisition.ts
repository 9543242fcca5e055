import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { AccessToken } from "../AccessToken.ts"
import type { ApiKey } from "../ApiKey.ts"
import type { AuthError } from "../AuthError.ts"
import { Credentials } from "../Credentials.ts"
import { Provider } from "../Provider.ts"
import { isProbe, learn, lifetimeOf, type Observations, type RenewalSettings } from "../RenewalPolicy.ts"
import { countRenewal, spans } from "../Telemetry.ts"
import type { RenewalReason, TokenEvent } from "../TokenEvent.ts"
import type { Issued, Issuer } from "./issuer.ts"
import { makeStoredTokens, recordName } from "./storedTokens.ts"

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
 * where that is refused, the next one (KEY-3). Learns how long tokens live (TOK-6).
 */
export const makeAcquisition = Effect.fnUntraced(function* (dependencies: {
  readonly base: URL
  readonly issuer: Issuer
  readonly renewal: RenewalSettings
  readonly emit: (event: TokenEvent) => void
  /** Whether a stored token is worth having in place of the one that is held. */
  readonly isUseful: (token: AccessToken) => boolean
  readonly keepTrying: () => boolean
  /** Hands over the token as soon as it is there: nobody has to wait until it is stored. */
  readonly hold: (acquired: Acquired) => void
}) {
  const { base, emit, hold, isUseful, issuer, keepTrying, renewal } = dependencies
  const provider = yield* Provider
  const { sources } = yield* Credentials
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const stored = yield* makeStoredTokens(emit)

  let observations: Observations = {}
  /** Of the credentials used lately: while one key is refused and the next serves, both are asked in turn (KEY-3). */
  const learned = new Map<string, Observations>()
  let credential = ""
  let issuedCount = 0
  let activeSource = 0

  const remember = () => {
    learned.delete(credential)
    learned.set(credential, observations)
    const [oldest] = learned.keys()
    if (learned.size > sources.length && oldest !== undefined) learned.delete(oldest)
  }

  /** What refusals taught belongs to one credential; what another process learned counts as well. */
  const recall = (name: string, found: Observations | undefined) => {
    const own = learned.get(name)
    credential = name
    observations = { last: own?.last ?? found?.last, estimate: own?.estimate ?? found?.estimate }
    remember()
  }

  const tokenOf = ({ declared, jwt, sentAt, value }: Issued): AccessToken => {
    const hints = { declared, jwt, observed: observations.estimate, assumed: renewal.assumedLifetime }
    const { life, source } = lifetimeOf(hints)
    issuedCount += 1
    // Now and then a learned life is put to the test: the token ends by itself, and its age is learned anew.
    const isOpen = life === undefined || (source === "observed" && isProbe(issuedCount))
    return AccessToken.make(value, {
      issuedAt: sentAt,
      expiresAt: isOpen ? undefined : sentAt + life,
      lifetimeSource: source
    })
  }

  const fromIssuer = Effect.fnUntraced(function* (key: ApiKey, name: string, wanted: Wanted) {
    const issued = yield* issuer.issue({ key, name }, keepTrying)
    const token = tokenOf(issued)
    hold({ token, age: issued.tookMillis, knownFor: 0 })
    const { reason, waited } = wanted
    emit({ type: "issued", at: now(), tokenId: token.id, reason, tookMillis: Math.round(issued.tookMillis), waited })
    yield* countRenewal(reason, "issued")
    yield* stored.save(name, { token, observations })
    return token
  })

  const withKey = Effect.fnUntraced(function* (key: ApiKey, name: string, wanted: Wanted) {
    const found = yield* stored.load(name)
    recall(name, found?.observations)
    if (found === undefined || !isUseful(found.token)) return yield* fromIssuer(key, name, wanted)
    const { token } = found
    // Whoever issued it may have a clock that runs ahead: the token lives from here on at most (TOK-9).
    const age = Math.max(0, now() - token.issuedAt)
    hold({ token, age, knownFor: age })
    emit({ type: "adopted", at: now(), tokenId: token.id, reason: wanted.reason, waited: wanted.waited })
    yield* countRenewal(wanted.reason, "adopted")
    return token
  })

  const useSource = (index: number, key: ApiKey) => {
    if (index !== activeSource) emit({ type: "key-rotated", at: now(), key: key.name })
    activeSource = index
  }

  const acquire = Effect.fn(spans.renew)(function* (wanted: Wanted): Effect.fn.Return<AccessToken, AuthError> {
    let refusal: AuthError | undefined
    let isTold = false
    for (const [index, source] of sources.entries()) {
      const asked = yield* Effect.result(issuer.hasStanding() ? source.recent : source.current)
      // Without a second key, the first one's refusal is what there is to say.
      if (asked._tag === "Failure") return yield* refusal ?? asked.failure
      const key = asked.success
      const name = yield* recordName(provider.name, base, key)
      const standing = issuer.standing(name)
      // A refusal that stands is not worth an event to every caller who asks meanwhile.
      if (standing === undefined && !isTold) {
        emit({ type: "renewal-started", at: now(), reason: wanted.reason, background: wanted.background })
        isTold = true
      }
      const result = standing === undefined ? yield* Effect.result(withKey(key, name, wanted)) : undefined
      if (result?._tag === "Success") {
        useSource(index, key)
        return result.success
      }
      const failure = standing ?? result?.failure
      if (failure?.reason._tag !== "ApiKeyRejected") return yield* failure!
      refusal ??= failure
    }
    return yield* refusal!
  })

  return {
    acquire,
    /** An "expired" refusal at this age, in milliseconds, teaches how long tokens live. */
    learnFrom: (age: number) => {
      observations = learn(observations, age)
      remember()
    },
    storage: { capabilities: stored.capabilities, isDegraded: stored.isDegraded }
  }
})
