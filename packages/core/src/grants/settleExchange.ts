import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import { randomId } from "../credentials/randomId.ts"
import type { TokenVerdict } from "../ports/Provider.ts"
import type { SharedStore } from "../storage/sharedStore.ts"
import type { TokenExchange } from "../token-request/TokenExchange.ts"
import { grantOver } from "./grantErrors.ts"
import type { GrantRecord } from "./grantRecord.ts"
import type { GrantStore } from "./grantStore.ts"
import { LookAgain } from "./GrantUse.ts"

/** The waits between tries to save the next refresh token, in milliseconds. */
const backOff = { first: 100, longest: 5_000 }

/** What a response says about the refresh token that was sent. */
type Result =
  | { readonly _tag: "Replaced"; readonly refreshToken: string; readonly lifetime: number | undefined }
  /** It is still valid: it was used without being replaced, or not used at all. */
  | { readonly _tag: "Kept" }
  | { readonly _tag: "Refused" }
  | { readonly _tag: "Unknown" }

const resultOf = (verdict: TokenVerdict, status: number): Result => {
  switch (verdict._tag) {
    case "Issued":
    case "Invalid": {
      const { refreshToken } = verdict
      const lifetime = "refreshTokenLifetime" in verdict ? verdict.refreshTokenLifetime : undefined
      if (typeof refreshToken === "string" && refreshToken !== "") return { _tag: "Replaced", refreshToken, lifetime }
      return verdict._tag === "Issued" || (status >= 400 && status < 500) ? { _tag: "Kept" } : { _tag: "Unknown" }
    }
    case "GrantRejected":
      return { _tag: "Refused" }
    case "KeyRejected":
    case "RateLimited":
      return { _tag: "Kept" }
    case "Unavailable":
      return { _tag: "Unknown" }
  }
}

/**
 * Stores what the response to a refresh token says, before anything else is done with the response.
 *
 * @param dependencies.run Runs what must go on after this returns.
 */
export const makeSettleExchange = (dependencies: {
  readonly id: string
  readonly store: GrantStore
  readonly lease: NonNullable<SharedStore["lease"]>
  readonly wall: () => number
  readonly keepTrying: () => boolean
  readonly run: (work: Effect.Effect<void>) => void
  readonly note: (record: GrantRecord) => void
  /** Whether the exchange of another client may still be under way. */
  readonly isUnderWay: (record: GrantRecord) => boolean
}) => {
  const { id, isUnderWay, keepTrying, lease, note, run, store, wall } = dependencies
  /** The last verdict that could not be stored at once, and the version of its intent. */
  let refused: { readonly intent: string; readonly verdict: GrantRecord } | undefined

  /** Tries until it does not fail. */
  const untilDone = Effect.fnUntraced(function* <A>(attempt: Effect.Effect<A, unknown>) {
    for (let pause = backOff.first; ; pause = Math.min(pause * 2, backOff.longest)) {
      const result = yield* Effect.result(attempt)
      if (result._tag === "Success") return result.success
      yield* Effect.sleep(pause * (0.5 + (yield* Random.next) / 2))
    }
  })

  /** Another client took the exchange over, although this one has its result: saves that under the lease. */
  const saveUnderLease = Effect.fnUntraced(function* (name: string, intent: GrantRecord, next: GrantRecord) {
    const owned = yield* lease(name)
    if (owned._tag === "LeaseTaken") return yield* new LookAgain({ millis: 0 })
    const current = yield* store.load(name)
    const isSame = current?.grant === intent.grant && current.generation === intent.generation
    // A newer refresh token, or a new consent: this one is of no use.
    if (!isSame) return
    // That client is about to get a newer one.
    if (isUnderWay(current)) return yield* new LookAgain({ millis: 0 })
    const interrupted = next.interrupted ?? { owner: intent.owner, at: intent.at }
    const saved = { ...next, version: randomId(), seeds: current.seeds, interrupted }
    if (!(yield* store.replace(name, saved, current.version, owned.fence))) return yield* new LookAgain({ millis: 0 })
    note(saved)
  }, Effect.scoped)

  /**
   * Replaces the intent; ends when that is done, or has failed once: then it goes on in the background. Fails if there is
   * a new consent: the response belongs to the one before.
   */
  const save = Effect.fnUntraced(function* (name: string, intent: GrantRecord, next: GrantRecord) {
    const replace = store.replace(name, next, intent.version)
    const first = yield* Effect.result(replace)
    if (first._tag === "Success" && first.success) return note(next)
    if (first._tag === "Success") {
      const current = yield* Effect.result(store.load(name))
      const isReplaced = current._tag === "Success" && current.success?.grant !== intent.grant
      if (isReplaced) return yield* new LookAgain({ millis: 0 })
    }
    const isNewer = next.generation > intent.generation
    // Without this write, the next client waits for the time of the intent. That is no reason to hold up dispose.
    if (!isNewer && !keepTrying()) return
    run(
      Effect.gen(function* () {
        const isOwn = first._tag === "Success" ? first.success : yield* untilDone(replace)
        if (isOwn) note(next)
        else if (isNewer) yield* untilDone(saveUnderLease(name, intent, next))
      })
    )
  })

  /** Stores the verdict; if that fails, it goes on in the background, and this client does not wait for it. */
  const refuse = Effect.fnUntraced(function* (name: string, intent: GrantRecord) {
    const state = intent.interrupted === undefined ? "rejected" : "lost"
    const verdict: GrantRecord = { ...intent, version: randomId(), state, at: wall() }
    const replace = store.replace(name, verdict, intent.version)
    const first = yield* Effect.result(replace)
    // If another client has written meanwhile, its record counts.
    if (first._tag === "Success" && !first.success) return yield* new LookAgain({ millis: 0 })
    if (first._tag === "Failure") {
      refused = { intent: intent.version, verdict }
      run(Effect.asVoid(untilDone(replace)))
    }
    note(verdict)
    return yield* grantOver(id, verdict)
  })

  /** The verdict on this record, if it is not stored yet. */
  const verdictOn = ({ version }: GrantRecord): GrantRecord | undefined =>
    refused?.intent === version ? refused.verdict : undefined

  /** The refresh token was not used, or was not replaced: it stays. */
  const keep = (name: string, intent: GrantRecord) =>
    save(name, intent, { ...intent, version: randomId(), state: "ok", at: wall() })

  /** The request was not sent, so there is no response. */
  const putBack = (name: string, intent: GrantRecord) => Effect.ignore(keep(name, intent))

  const settle = Effect.fnUntraced(function* (
    name: string,
    intent: GrantRecord,
    { sentAt, status, verdict }: TokenExchange
  ) {
    const result = resultOf(verdict, status)
    switch (result._tag) {
      case "Replaced": {
        const { lifetime, refreshToken } = result
        return yield* save(name, intent, {
          ...intent,
          version: randomId(),
          generation: intent.generation + 1,
          refreshToken: Redacted.make(refreshToken),
          state: "ok",
          at: wall(),
          expiresAt: lifetime === undefined ? undefined : sentAt + lifetime
        })
      }
      case "Kept":
        return yield* keep(name, intent)
      case "Refused":
        return yield* refuse(name, intent)
      case "Unknown":
        return
    }
  })

  return { settle, putBack, verdictOn }
}
