import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Tracer from "effect/Tracer"
import type { AccessToken } from "./AccessToken.ts"
import type { AuthError } from "./AuthError.ts"
import type { Credentials } from "./Credentials.ts"
import { type Acquired, makeAcquisition } from "./internal/acquisition.ts"
import { checkBaseUrl } from "./internal/baseUrl.ts"
import { checked } from "./internal/checked.ts"
import { disposedError } from "./internal/disposed.ts"
import { eventHub } from "./internal/eventHub.ts"
import { type Flight, makeFlight } from "./internal/flight.ts"
import { makeIssuer } from "./internal/issuer.ts"
import { issuerSettings } from "./internal/issuerSettings.ts"
import { isCleartextProxied } from "./internal/proxyWarning.ts"
import { makeSharing } from "./internal/sharing.ts"
import { spentTokens } from "./internal/spentTokens.ts"
import { storageSettings } from "./internal/storageSettings.ts"
import { type HeldToken, holdToken } from "./internal/tokenLife.ts"
import { Provider } from "./Provider.ts"
import { backOffOf, renewalSettings, windowOf } from "./RenewalPolicy.ts"
import { countRejection, countRenewal } from "./Telemetry.ts"
import type { RejectionReason, RenewalReason, TokenEvent } from "./TokenEvent.ts"
import { statusOf, type TokenStatus } from "./TokenStatus.ts"
import type { TokenManagerOptions } from "./TokenManagerOptions.ts"
import type { TokenStorage } from "./TokenStorage.ts"
import type { Transport } from "./Transport.ts"

/** How long a lease lasts beyond the deadline of the issue call that it is for, in milliseconds (TOK-3). */
const leaseMargin = 2_000

/** How long a dispose lets an issue call that was sent come back and be saved, in milliseconds (RUN-2). */
const grace = 2_000

/** At least so long a token that could not be shared is left alone, also where its key has changed, in milliseconds. */
const leastStray = 1_000

const make = Effect.fnUntraced(function* (options: TokenManagerOptions) {
  const provider = yield* Provider
  const clock = yield* Clock.Clock
  const renewal = yield* checked(() => renewalSettings(options.renewal))
  const settings = yield* checked(() => issuerSettings(options))
  const storageCare = yield* checked(() => storageSettings(options))
  const base = yield* checked(() =>
    checkBaseUrl(provider.baseUrl, { option: "provider", cleartext: provider.cleartext })
  )
  const now = () => clock.currentTimeMillisUnsafe()
  const mono = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const hub = eventHub(options.onEvent)
  const { emit } = hub
  if (isCleartextProxied(base)) emit({ type: "cleartext-proxied", at: now(), origin: base.origin })
  const issuer = yield* makeIssuer(base, settings, {
    keyRejected: (key, retryAt) => emit({ type: "key-rejected", at: now(), key: key.name, retryAt }),
    budgetExceeded: (retryAt) => emit({ type: "budget-exceeded", at: now(), retryAt })
  })
  // One lot for all tokens of this process: instances drift apart, and each stays in step with itself (TOK-5).
  const lot = (yield* Random.next) * 2 - 1
  // Of no caller's fiber: a flight belongs to the manager, whoever asked first (TOK-7), and to no span of the start-up.
  const runFork = Effect.runForkWith(Context.omit(Tracer.ParentSpan)(yield* Effect.context()))

  let current: HeldToken | undefined
  let reason: RenewalReason = "first"
  let flight: Flight | undefined
  /** When the current token was surely minted, in monotonic milliseconds. */
  let knownSince = 0
  let failures = 0
  let lastError: TokenStatus["lastError"]
  let lastFailure: AuthError | undefined
  let disposed = false
  /** Fails with the dispose: what nobody may outwait. */
  const ended = Deferred.makeUnsafe<never, AuthError>()
  const spent = spentTokens()

  const hold = ({ age, knownFor, token }: Acquired) => {
    // A refusal of the one before may still come, and does not count any more: a slow storage must not bring it back.
    if (current !== undefined) spent.add(current.token.id)
    current = holdToken(token, age, clock, renewal, lot)
    knownSince = mono() - knownFor
    if (flight !== undefined) flight.token = token
  }

  /** Whether a token that was found is worth having: not refused, and good for longer than the one to be renewed. */
  const isUseful = (token: AccessToken, longest: number): boolean => {
    if (spent.has(token.id) || token.id === current?.token.id) return false
    const age = now() - token.issuedAt
    // A refused request has one replay (REQ-1): not with a token of unknown end that is as old as others got to be.
    const isRisky = token.expiresAt === undefined && age >= longest - windowOf(longest, renewal, lot)
    if (isRisky && current === undefined && reason === "rejected") return false
    const phase = holdToken(token, age, clock, renewal, lot).look()
    return current === undefined ? phase !== "over" : phase === "fresh"
  }

  const held = (): AccessToken | undefined => (current === undefined || current.isOver() ? undefined : current.token)

  /** A storage that fails to save is tried again, and nobody who waits for the token waits for that. */
  const giveOut = () => {
    if (flight?.token === undefined) return
    flight.isServed = true
    Deferred.doneUnsafe(flight.done, Exit.succeed(flight.token))
  }

  const leaseMillis = settings.deadline + leaseMargin
  const sharing = yield* makeSharing({ ...storageCare, leaseMillis }, { emit, saveFailed: giveOut })
  const { acquire, learnFrom } = yield* makeAcquisition({
    base,
    issuer,
    sharing,
    renewal,
    budget: settings,
    emit,
    isUseful,
    held,
    keepTrying: () => !disposed,
    hold
  })

  const peek = (): AccessToken | undefined => {
    if (current === undefined) return undefined
    const phase = current.look()
    if (phase === "fresh") return current.token
    if (phase !== "over") {
      const { token } = current
      // The first hit in the window starts it and nobody waits; another attempt comes only after a failure (TOK-5).
      if (flight === undefined) {
        if (phase === "due") current.leaveAlone(Infinity)
        else current.strayFor(Infinity)
        launch(phase === "due" ? "window" : "rejoin", true)
      }
      return token
    }
    // The storage has it still, and would say by the wall clock alone that it is good (TOK-9).
    spent.add(current.token.id)
    current = undefined
    reason = "expired"
    return undefined
  }

  const noteFailure = Effect.fnUntraced(function* (error: AuthError, { background, reason: why, waited }: Flight) {
    failures += 1
    if (background && why !== "rejoin" && current !== undefined) {
      current.leaveAlone(backOffOf(failures, current.window, yield* Random.next))
    }
    // A refusal that stands is told once, not to every caller who asks meanwhile.
    if (error === lastFailure) return
    lastFailure = error
    lastError = { code: error.code, message: error.message, at: now() }
    emit({ type: "renewal-failed", at: now(), reason: why, code: error.code, background, waited })
    yield* countRenewal(why, error.code)
  })

  const forgetFailures = () => {
    failures = 0
    lastError = undefined
    lastFailure = undefined
  }

  const launch = (why: RenewalReason, background: boolean): Flight => {
    const started = makeFlight(why, background)
    flight = started
    started.fiber = runFork(
      acquire(started).pipe(
        Effect.tapError((error) => noteFailure(error, started)),
        Effect.onExit((exit) =>
          Effect.sync(() => {
            issuer.settle()
            if (flight === started) flight = undefined
            if (Exit.isSuccess(exit)) forgetFailures()
            // Until it can be shared again, the first hit after a while looks whether it can (STO-2).
            current?.strayFor(Math.max(sharing.probeIn(), leastStray))
            Deferred.doneUnsafe(started.done, exit)
            Deferred.doneUnsafe(started.over, Exit.void)
          })
        )
      )
    )
    return started
  }

  /**
   * Waits for a flight. A token may be refused while it is still being saved: whoever waited for it needs the next one
   * (TOK-4). Whoever joined a background renewal that failed gets one foreground flight before an error (TOK-5).
   */
  const join = (joined: Flight): Effect.Effect<AccessToken, AuthError> => {
    joined.waited += 1
    return Effect.matchEffect(Deferred.await(joined.done), {
      onSuccess: (token) => (spent.has(token.id) ? get : Effect.succeed(token)),
      onFailure: (error) => (joined.background ? get : Effect.fail(error))
    })
  }

  const get: Effect.Effect<AccessToken, AuthError> = Effect.suspend(() => {
    if (disposed) return Effect.fail(disposedError())
    const token = peek()
    if (token !== undefined) return Effect.succeed(token)
    // Refused while it is being saved: whoever needs the next one waits until the storage is left alone.
    if (flight?.isServed === true) return Effect.andThen(Deferred.await(flight.over), get)
    return join(flight ?? launch(reason, false))
  })

  const reject = (refused: AccessToken | string, how: RejectionReason = "unknown"): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (current === undefined) return Effect.void
      const { token } = current
      const isCurrent =
        typeof refused === "string" ? refused === token.id || refused === token.reveal() : refused.id === token.id
      // A straggler's refusal of an older token says nothing about this one (TOK-4).
      if (!isCurrent) return Effect.void
      const age = current.age()
      // Only an end that came by itself teaches how long tokens live (TOK-6).
      if (how === "expired") learnFrom(age)
      spent.add(token.id)
      current = undefined
      reason = "rejected"
      emit({ type: "rejected", at: now(), tokenId: token.id, reason: how, age: Math.round(age) })
      return countRejection(how)
    })

  /** Waits until a token that was minted for a replay can be known everywhere (TOK-11). */
  const propagated = (token: AccessToken): Effect.Effect<void, AuthError> => {
    const { propagation = 0 } = provider
    if (propagation === 0 || current?.token !== token) return Effect.void
    const left = propagation - (mono() - knownSince)
    if (left <= 0) return Effect.void
    return Effect.timeoutOrElse(Deferred.await(ended), { duration: left, orElse: () => Effect.void })
  }

  const retryKey = () => {
    issuer.forget()
    forgetFailures()
  }

  const state = (hasToken: boolean): TokenStatus["state"] => {
    if (disposed) return "disposed"
    if (flight !== undefined) return "renewing"
    if (lastError?.code === "API_KEY_REJECTED") return "key-rejected"
    if (sharing.isDegraded()) return "degraded"
    return hasToken ? "fresh" : "empty"
  }

  const status = (): TokenStatus => {
    // Asking must not start a renewal, as a hit would.
    const shown = current?.isOver() === true ? undefined : current
    return {
      state: state(shown !== undefined),
      ...(shown === undefined ? undefined : statusOf(shown)),
      ...(lastError === undefined ? undefined : { lastError }),
      storage: { ...sharing.capabilities, state: sharing.isDegraded() ? "degraded" : "ok" },
      lease: sharing.lease()
    }
  }

  /** Waiting callers hear at once; a call that was sent may finish and be saved, anything else stops. */
  const dispose = Effect.gen(function* () {
    disposed = true
    current = undefined
    Deferred.doneUnsafe(ended, Exit.fail(disposedError()))
    const last = flight
    if (last?.fiber !== undefined) {
      Deferred.doneUnsafe(last.done, Exit.fail(disposedError()))
      Deferred.doneUnsafe(last.over, Exit.void)
      if (issuer.isUnderway()) yield* Effect.timeoutOption(Fiber.await(last.fiber), grace)
      yield* Fiber.interrupt(last.fiber)
    }
    current = undefined
    hub.end()
  })
  yield* Effect.addFinalizer(() => dispose)

  return TokenManager.of({
    get,
    peek: () => (disposed ? undefined : peek()),
    reject,
    propagated,
    retryKey,
    status,
    events: hub.events,
    isDisposed: () => disposed,
    ended: Deferred.await(ended)
  })
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
    readonly reject: (token: AccessToken | string, how?: RejectionReason) => Effect.Effect<void>
    /** Waits until a token minted for a replay is known everywhere: at once, but for providers that need time (TOK-11). */
    readonly propagated: (token: AccessToken) => Effect.Effect<void, AuthError>
    /** Lets a key that was rejected be tried again at once (KEY-2). */
    readonly retryKey: () => void
    readonly status: () => TokenStatus
    /** The last 256 events, then those to come; ends with the manager (OBS-1). */
    readonly events: () => AsyncIterable<TokenEvent>
    readonly isDisposed: () => boolean
    /** Fails with `DISPOSED` when the manager ends, and never before: for what must not outwait it (RUN-2). */
    readonly ended: Effect.Effect<never, AuthError>
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
