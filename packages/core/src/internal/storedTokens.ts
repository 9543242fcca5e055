import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { AccessToken, type LifetimeSource } from "../AccessToken.ts"
import type { ApiKey } from "../ApiKey.ts"
import { isPlausible, type Observations } from "../RenewalPolicy.ts"
import { spans } from "../Telemetry.ts"
import type { TokenEvent } from "../TokenEvent.ts"
import { type StorageFailure, TokenStorage } from "../TokenStorage.ts"

/** How long one storage operation may take, in milliseconds (STO-2). */
const operationDeadline = 1_000

/**
 * The name of a credential's record: a digest of issuer, key and format, so that two keys, hosts or tenants on one
 * storage never meet (KEY-4), and a name tells nothing about the key.
 */
export const recordName = Effect.fnUntraced(function* (provider: string, base: URL, key: ApiKey) {
  const identity = JSON.stringify([provider, base.href, key.reveal()])
  const digest = yield* Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(identity)))
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  return `tokenkeep-1-${hex}`
})

/** What is stored of a credential: its token, and what was learned of its tokens' lives (TOK-6). */
export interface StoredToken {
  readonly token: AccessToken
  readonly observations: Observations
}

const encode = ({ observations, token }: StoredToken): string =>
  JSON.stringify({
    id: token.id,
    token: token.reveal(),
    issuedAt: token.issuedAt,
    expiresAt: token.expiresAt,
    lifetimeSource: token.lifetimeSource,
    observed: observations
  })

const isRecord = (u: unknown): u is Record<string, unknown> => typeof u === "object" && u !== null

const sources: ReadonlyArray<unknown> = [
  "declared",
  "jwt",
  "observed",
  "assumed",
  "unknown"
] satisfies Array<LifetimeSource>

const life = (u: unknown): number | undefined => (typeof u === "number" && isPlausible(u) ? u : undefined)

const observationsOf = (u: unknown): Observations =>
  isRecord(u) ? { last: life(u["last"]), estimate: life(u["estimate"]) } : {}

/** A record that is not one of ours is no token. */
const decode = (text: string): StoredToken | undefined => {
  try {
    const record: unknown = JSON.parse(text)
    if (!isRecord(record)) return undefined
    const { expiresAt, id, issuedAt, lifetimeSource, observed, token } = record
    if (typeof id !== "string" || typeof token !== "string" || typeof issuedAt !== "number") return undefined
    if (!Number.isFinite(issuedAt)) return undefined
    if (expiresAt !== undefined && typeof expiresAt !== "number") return undefined
    if (expiresAt !== undefined && !isPlausible(expiresAt - issuedAt)) return undefined
    const source = sources.includes(lifetimeSource) ? (lifetimeSource as LifetimeSource) : undefined
    return {
      token: AccessToken.make(token, { id, issuedAt, expiresAt, lifetimeSource: source }),
      observations: observationsOf(observed)
    }
  } catch {
    return undefined
  }
}

/**
 * Tokens in a storage whose faults degrade and never fail: while it does not work, memory alone serves, and an event
 * says so (STO-2).
 */
export const makeStoredTokens = Effect.fnUntraced(function* (emit: (event: TokenEvent) => void) {
  const storage = yield* TokenStorage
  let degraded = false
  let fence = 0

  const tolerant = <A>(operation: StorageFailure["operation"], run: () => Effect.Effect<A, StorageFailure>) =>
    Effect.gen(function* () {
      // An adapter may throw before it answers with an effect.
      const result = yield* Effect.suspend(run).pipe(
        Effect.timeoutOption(operationDeadline),
        Effect.catchCause(() => Effect.succeedNone)
      )
      const at = yield* Clock.currentTimeMillis
      const failed = result._tag === "None"
      if (failed && !degraded) emit({ type: "storage-degraded", at, operation })
      if (!failed && degraded) emit({ type: "storage-recovered", at })
      degraded = failed
      return failed ? undefined : result.value
    })

  const load = Effect.fn(spans.load)(function* (name: string) {
    const found = yield* tolerant("load", () => storage.load(name))
    if (found === undefined) return undefined
    fence = Math.max(fence, found.fence)
    return decode(found.text)
  })

  const save = Effect.fn(spans.save)(function* (name: string, token: StoredToken) {
    fence = Math.max(fence + 1, yield* Clock.currentTimeMillis)
    const stored = { text: encode(token), fence }
    yield* tolerant("save", () => storage.save(name, stored))
  })

  return { load, save, capabilities: storage.capabilities, isDegraded: () => degraded }
})
