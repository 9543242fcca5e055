import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { AccessToken } from "./AccessToken.ts"
import { AuthError, type AuthErrorCode } from "./AuthError.ts"
import { Credentials } from "./Credentials.ts"
import { checkBaseUrl } from "./internal/baseUrl.ts"
import { checked } from "./internal/checked.ts"
import { disposedError } from "./internal/disposed.ts"
import { type IssueOptions, issueSettings, makeIssuer } from "./internal/issuer.ts"
import { rejectedTokens } from "./internal/rejectedTokens.ts"
import { makeStoredTokens, recordName } from "./internal/storedTokens.ts"
import { Provider } from "./Provider.ts"
import { emitTo, type RenewalReason, type TokenEvent } from "./TokenEvent.ts"
import { type StorageCapabilities, TokenStorage } from "./TokenStorage.ts"
import { Transport } from "./Transport.ts"

/** How long a dispose lets an issue call that was sent come back and be saved, in milliseconds (RUN-2). */
const grace = 2_000

/**
 * How tokens are issued and reported.
 *
 * @example
 * ```ts
 * import type { TokenManagerOptions } from "@tokenkeep/core"
 *
 * const options: TokenManagerOptions = { issue: { deadline: "5 seconds", tries: 2 } }
 * console.log(options.issue?.tries) // => 2
 * ```
 */
export interface TokenManagerOptions {
  /**
   * `deadline` over all tries and their bodies (milliseconds or a duration; 10 s), `tries` at most (3), `maxBody` the
   * largest answer read (bytes; 64 KiB).
   */
  readonly issue?: IssueOptions | undefined
  /** Hears of every issue, adoption, rejection and failure; it may throw safely and must not block. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined
}

/**
 * What an operator asks: is there a token, since when, and what went wrong last (OBS-2). It holds no secret.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 *
 * await using deeply = createDeeply({ apiKey: "sk-live-2f6c1d" })
 * console.log(deeply.status().state) // => empty
 * ```
 */
export interface TokenStatus {
  readonly state: "empty" | "fresh" | "renewing" | "degraded" | "key-rejected" | "disposed"
  readonly token?: {
    readonly id: string
    /** Epoch milliseconds. */
    readonly issuedAt: number
    /** Milliseconds since it was issued. */
    readonly age: number
    /** Epoch milliseconds. */
    readonly expiresAt?: number
    readonly lifetimeSource: AccessToken["lifetimeSource"]
  }
  readonly lastError?: { readonly code: AuthErrorCode; readonly message: string; readonly at: number }
  /** `"unused"` before the first use. */
  readonly storage: StorageCapabilities & { readonly state: "unused" | "ok" | "degraded" }
}

interface Flight {
  readonly done: Deferred.Deferred<AccessToken, AuthError>
  readonly fiber: Fiber.Fiber<AccessToken, AuthError>
}

const make = Effect.fnUntraced(function* (options: TokenManagerOptions) {
  const provider = yield* Provider
  const credentials = yield* Credentials
  const clock = yield* Clock.Clock
  const base = yield* checked(() =>
    checkBaseUrl(provider.baseUrl, { option: "provider", cleartext: provider.cleartext })
  )
  const now = () => clock.currentTimeMillisUnsafe()
  const emit = emitTo(options.onEvent)
  const issuer = yield* makeIssuer(base, yield* checked(() => issueSettings(options.issue)))
  const stored = yield* makeStoredTokens(emit)
  // Of no caller's fiber: a flight belongs to the manager, whoever asked first (TOK-7).
  const runFork = Effect.runForkWith(yield* Effect.context())

  let current: AccessToken | undefined
  let reason: RenewalReason = "first"
  let flight: Flight | undefined
  let lastError: TokenStatus["lastError"]
  let disposed = false
  const rejected = rejectedTokens()

  const isGood = (token: AccessToken) => token.expiresAt === undefined || now() < token.expiresAt

  const peek = (): AccessToken | undefined => {
    if (disposed) return undefined
    if (current === undefined || isGood(current)) return current
    current = undefined
    reason = "expired"
    return undefined
  }

  const renew = Effect.fn("tokenkeep.renew")(function* () {
    const key = yield* credentials.current
    const name = yield* recordName(provider.name, base, key)
    const found = yield* stored.load(name)
    if (found !== undefined && isGood(found) && !rejected.has(found.id)) {
      current = found
      emit({ type: "adopted", at: now(), tokenId: found.id, reason })
      return found
    }
    const token = yield* issuer.issue(key, () => !disposed)
    current = token
    emit({ type: "issued", at: now(), tokenId: token.id, reason, tookMillis: now() - token.issuedAt })
    yield* stored.save(name, token)
    return token
  })

  const noteFailure = (error: AuthError) =>
    Effect.sync(() => {
      const { code } = error
      lastError = { code, message: error.message, at: now() }
      emit({ type: code === "API_KEY_REJECTED" ? "key-rejected" : "issue-failed", at: now(), reason, code })
    })

  const launch = (): Flight => {
    const done = Deferred.makeUnsafe<AccessToken, AuthError>()
    const fiber = runFork(
      renew().pipe(
        Effect.tapError(noteFailure),
        Effect.onExit((exit) =>
          Effect.sync(() => {
            flight = undefined
            issuer.settle()
            if (Exit.isSuccess(exit)) lastError = undefined
            Deferred.doneUnsafe(done, exit)
          })
        )
      )
    )
    return { done, fiber }
  }

  /** A token may be refused while it is still being saved: whoever waited for it needs the next one (TOK-4). */
  const join = ({ done }: Flight): Effect.Effect<AccessToken, AuthError> =>
    Effect.filterOrElse(
      Deferred.await(done),
      (token) => !rejected.has(token.id),
      () => get
    )

  const get: Effect.Effect<AccessToken, AuthError> = Effect.suspend(() => {
    if (disposed) return Effect.fail(disposedError())
    const token = peek()
    if (token !== undefined) return Effect.succeed(token)
    if (flight === undefined) {
      const launched = launch()
      // A flight that ended at once must not be kept as the one under way.
      if (!Deferred.isDoneUnsafe(launched.done)) flight = launched
      return join(launched)
    }
    return join(flight)
  })

  const reject = (refused: AccessToken | string): Effect.Effect<void> =>
    Effect.sync(() => {
      const token = current
      if (token === undefined) return
      const isCurrent =
        typeof refused === "string" ? refused === token.id || refused === token.reveal() : refused.id === token.id
      // A straggler's refusal of an older token says nothing about this one (TOK-4).
      if (!isCurrent) return
      rejected.add(token.id)
      current = undefined
      reason = "rejected"
      emit({ type: "rejected", at: now(), tokenId: token.id })
    })

  const state = (): TokenStatus["state"] => {
    if (disposed) return "disposed"
    if (flight !== undefined) return "renewing"
    if (lastError?.code === "API_KEY_REJECTED") return "key-rejected"
    if (stored.isDegraded()) return "degraded"
    return peek() === undefined ? "empty" : "fresh"
  }

  const status = (): TokenStatus => {
    const token = peek()
    return {
      state: state(),
      ...(token === undefined
        ? undefined
        : {
            token: {
              id: token.id,
              issuedAt: token.issuedAt,
              age: now() - token.issuedAt,
              ...(token.expiresAt === undefined ? undefined : { expiresAt: token.expiresAt }),
              lifetimeSource: token.lifetimeSource
            }
          }),
      ...(lastError === undefined ? undefined : { lastError }),
      storage: { ...stored.capabilities, state: stored.isDegraded() ? "degraded" : "ok" }
    }
  }

  /** Waiting callers hear at once; a call that was sent may finish and be saved, anything else stops. */
  const dispose = Effect.gen(function* () {
    disposed = true
    const last = flight
    if (last !== undefined) {
      Deferred.doneUnsafe(last.done, Exit.fail(disposedError()))
      if (issuer.isUnderway()) yield* Effect.timeoutOption(Fiber.await(last.fiber), grace)
      yield* Fiber.interrupt(last.fiber)
    }
    current = undefined
  })
  yield* Effect.addFinalizer(() => dispose)

  return TokenManager.of({ get, peek, reject, status, isDisposed: () => disposed })
})

/**
 * The service that keeps one access token fresh: the life of a token, and the only writer of the storage.
 *
 * @example
 * ```ts
 * import { TokenManager } from "@tokenkeep/core"
 * import { Deeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import * as Effect from "effect/Effect"
 *
 * await using server = await startFakeDeeply()
 * const program = Effect.gen(function* () {
 *   const manager = yield* TokenManager
 *   const token = yield* manager.get
 *   yield* manager.reject(token)
 *   const renewed = yield* manager.get
 *   return token.id !== renewed.id
 * })
 * const deeply = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
 * console.log(await Effect.runPromise(Effect.provide(program, deeply))) // => true
 * ```
 */
export class TokenManager extends Context.Service<
  TokenManager,
  {
    /**
     * The current token: from memory when it is good, else renewed once for all who wait (TOK-1, TOK-2). Interrupting
     * it never stops the renewal that others share (TOK-7).
     */
    readonly get: Effect.Effect<AccessToken, AuthError>
    /** The current token when it is good, without waiting. */
    readonly peek: () => AccessToken | undefined
    /** Says that a token was refused; it counts only while that token, or its id, is the current one (TOK-4). */
    readonly reject: (token: AccessToken | string) => Effect.Effect<void>
    readonly status: () => TokenStatus
    readonly isDisposed: () => boolean
  }
>()("@tokenkeep/core/TokenManager") {
  /**
   * The manager over a provider, a transport and a storage. Fails to build with `CONFIG_INVALID` or `INSECURE_ORIGIN`.
   *
   * @example
   * ```ts
   * import { TokenManager } from "@tokenkeep/core"
   * import * as Layer from "effect/Layer"
   *
   * const manager = TokenManager.layer({ issue: { deadline: 5_000 } })
   * console.log(Layer.isLayer(manager)) // => true
   * ```
   */
  static readonly layer = (
    options: TokenManagerOptions = {}
  ): Layer.Layer<TokenManager, AuthError, Provider | Credentials | Transport | TokenStorage> =>
    Layer.effect(TokenManager, make(options))
}
