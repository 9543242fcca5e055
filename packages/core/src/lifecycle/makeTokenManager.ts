import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type * as Redacted from "effect/Redacted"
import * as Tracer from "effect/Tracer"
import type { AccessToken } from "../credentials/AccessToken.ts"
import { Credentials } from "../credentials/Credentials.ts"
import { containsPart } from "../credentials/containsPart.ts"
import { knownKeys } from "../credentials/knownKeys.ts"
import { randomId } from "../credentials/randomId.ts"
import { disposedError } from "../errors/disposed.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import { Provider } from "../ports/Provider.ts"
import { clocks } from "../runtime/clocks.ts"
import { requestsAreIsolated } from "../runtime/isolation.ts"
import { waitUntilEnded } from "../runtime/waitUntilEnded.ts"
import { notifyObserver } from "../telemetry/notifyObserver.ts"
import { storageWarning } from "../telemetry/storageWarning.ts"
import { count } from "../telemetry/Telemetry.ts"
import type { RejectionReason, RenewalReason } from "../telemetry/TokenEvent.ts"
import { makeTokenRequester } from "../token-request/tokenRequester.ts"
import { newMemory } from "./ClientMemory.ts"
import { isLost, lookFor, showLife } from "./isolatedRenewal.ts"
import type { ManagerSettings } from "./managerSettings.ts"
import { obtainedTokens } from "./obtainedTokens.ts"
import { makeRenewal, type Obtained } from "./renewal.ts"
import { newRenewal, type RenewalInFlight } from "./renewalInFlight.ts"
import { backOffOf } from "./RenewalPolicy.ts"
import { storageProbe } from "./storageProbe.ts"
import * as TokenState from "./tokenState.ts"
import { statusOf, type TokenStatus } from "./TokenStatus.ts"

/** How long dispose waits for a token request that was sent and its save, in milliseconds (RUN-2). */
const disposeGrace = 2_000

/** Both clocks are read at least this often, in milliseconds; the fast path in between reads one (TOK-9). */
const clockCacheMs = 1_000

/** The shortest time before a failed storage is checked again, in milliseconds. */
const shortestProbe = 1_000

/** Runs one token's life: it holds the state, starts renewals, and returns the token from memory to `get` and `peek`. */
export const makeTokenManager = Effect.fnUntraced(function* (settings: ManagerSettings, memory = newMemory()) {
  const { base, onTokenEvent, renewal: policy, storage, tokenRequest, waitUntil } = settings
  const isIsolated = requestsAreIsolated()
  /** Whether work that no caller waits for can finish. */
  const hasBackground = !isIsolated || waitUntil !== undefined
  const provider = yield* Provider
  const both = yield* clocks
  const { mono, wall } = both
  const now = (): TokenState.Now => ({ wall: wall(), mono: mono() })
  const emit = notifyObserver(onTokenEvent ?? (storage.isRequired ? undefined : storageWarning))
  const keepAlive = notifyObserver(waitUntil)
  const { areInToken, arePartlyIn } = yield* Credentials
  const holdsKey = (token: string) => areInToken(token) || knownKeys.areIn(token)
  const requester = yield* makeTokenRequester(
    { ...tokenRequest, holdsKey },
    {
      keyRejected: (key, retryAt) => emit({ type: "key-rejected", at: wall(), key: key.name, retryAt }),
      limited: (retryAt) => emit({ type: "token-request-limited", at: wall(), retryAt })
    },
    memory
  )
  // Drawn once per client: clients renew at different times, and each keeps a stable offset (TOK-5).
  const { currentFrom, isUseful } = obtainedTokens(both, policy, (yield* Random.next) * 2 - 1)
  // A renewal belongs to the manager and not to the first caller's fiber (TOK-7), nor to a span of the start-up.
  const runFork = Effect.runForkWith(Context.omit(Tracer.ParentSpan)(yield* Effect.context()))

  let { state } = memory
  /** The token before, which another client may still use. */
  let replaced: TokenState.CurrentToken | undefined
  let renewal: RenewalInFlight | undefined
  let disposed = false
  let lastError: { readonly error: TokenkeepError; readonly at: number } | undefined
  /** The current token, and between which instants of the wall clock it is returned without another check. */
  let trusted: AccessToken | undefined
  let trustedFrom = 0
  let trustedUntil = 0
  /** Fails with `DISPOSED` when the client is disposed. */
  const ended = Deferred.makeUnsafe<never, TokenkeepError>()

  const update = (next: TokenState.State) => {
    if (next.current !== state.current) {
      trusted = undefined
      replaced = state.current
    }
    state = next
    memory.state = next
  }

  const setCurrent = (obtained: Obtained) => {
    update(TokenState.obtained(state, currentFrom(obtained)))
    if (renewal !== undefined) renewal.token = obtained.token
  }

  /** Gives the new token to the waiting callers before it is saved, because the save has to be retried. */
  const resolveWaiters = () => {
    if (renewal?.token === undefined) return
    renewal.isResolved = true
    Deferred.doneUnsafe(renewal.done, Exit.succeed(renewal.token))
  }

  const renewals = yield* makeRenewal({
    base,
    deadline: tokenRequest.deadline,
    requester,
    storage: {
      ...storage,
      owner: randomId(),
      holdsKey,
      holdsSecret: (text): boolean =>
        arePartlyIn(text) ||
        !!grants?.holdsSecret(text) ||
        [state.current, replaced].some((from) => from && containsPart(text, from.token.reveal()))
    },
    renewal: policy,
    budget: tokenRequest,
    emit,
    isUseful: (token, longest) => isUseful(token, state, longest),
    keepTrying: () => !disposed,
    setCurrent,
    saveRetried: resolveWaiters,
    tokenLasts: () => Math.max(0, (state.current?.token.expiresAt ?? 0) - wall()),
    memory
  })
  const { grants } = renewals

  const probeFrom = () => (hasBackground ? mono() + Math.max(renewals.probeIn(), shortestProbe) : Infinity)

  /** Runs work that the request which starts it may not wait for. */
  const runInBackground = <A, E>(work: Effect.Effect<A, E>): Fiber.Fiber<A, E> => {
    const fiber = runFork(work)
    // A source of the key, for example, may dispose the client before the fiber is known to dispose.
    if (disposed) fiber.interruptUnsafe()
    if (waitUntil !== undefined) keepAlive(Effect.runPromise(Effect.asVoid(Fiber.await(fiber))))
    return fiber
  }

  const probe = storageProbe(renewals.probe, runInBackground, () => update(TokenState.probing(state, probeFrom())))

  const startProbe = () => {
    // A renewal shows by itself whether the storage works.
    if (probe.running() || state.isRenewing) return
    update(TokenState.probing(state, Infinity))
    probe.start()
  }

  const trust = (token: AccessToken, from: number, until: number): AccessToken => {
    trusted = token
    trustedFrom = from
    trustedUntil = until
    return token
  }

  /** Reads both clocks, and starts the renewal or the check of the storage that is due. */
  const checked = (renewsFirst: boolean, wallNow?: number): AccessToken | undefined => {
    const { current } = state
    if (current === undefined || disposed) return undefined
    const { token } = current
    if (token.expiresAt === undefined && current.probeFrom === Infinity) return trust(token, 0, Infinity)
    const at = wallNow ?? wall()
    const phase = TokenState.phaseOf(current, { wall: at, mono: mono() })
    if (typeof phase === "number") return trust(token, at, at + Math.min(phase, clockCacheMs))
    if (phase === "expired") {
      update(TokenState.expired(state))
      return undefined
    }
    if (phase === "probe") startProbe()
    // The first request within the window starts the renewal; there is another only after a failure (TOK-5).
    else if (!state.isRenewing) {
      if (hasBackground) begin("window", true)
      else if (renewsFirst) return undefined
    }
    return token
  }

  /** @param renewsFirst Whether the caller renews a token that is near its end, if that cannot be done in the background. */
  const peek = (renewsFirst: boolean): AccessToken | undefined => {
    if (trusted === undefined) return checked(renewsFirst)
    if (trustedUntil === Infinity) return trusted
    const at = wall()
    return at >= trustedFrom && at < trustedUntil ? trusted : checked(renewsFirst, at)
  }

  const noteFailure = (error: TokenkeepError, { background, reason, waited }: RenewalInFlight) =>
    Effect.gen(function* () {
      const random = yield* Random.next
      update(TokenState.failed(state, reason, (failures, window) => mono() + backOffOf(failures, window, random)))
      // An active rejection is reported once, not to every caller that asks meanwhile.
      if (error === lastError?.error) return
      lastError = { error, at: wall() }
      emit({ type: "renewal-failed", at: wall(), reason, code: error.code, background, waited })
      yield* count("renewals", { reason, outcome: error.code })
    })

  const begin = (reason: RenewalReason, background: boolean): RenewalInFlight => {
    const started = newRenewal(reason, background, mono())
    renewal = started
    update(TokenState.begun(state, reason))
    started.fiber = runInBackground(
      renewals.renew(started).pipe(
        Effect.tapError((error) => noteFailure(error, started)),
        Effect.onExit((exit) =>
          Effect.sync(() => {
            if (renewal === started) {
              requester.finished()
              renewal = undefined
              if (Exit.isSuccess(exit)) lastError = undefined
              update(TokenState.finished(state, Exit.isSuccess(exit), probeFrom()))
            }
            Deferred.doneUnsafe(started.done, exit)
            Deferred.doneUnsafe(started.over, Exit.void)
          })
        )
      )
    )
    if (isIsolated) runFork(showLife(started, mono))
    return started
  }

  /**
   * Waits for a renewal. If its token is rejected while it is being saved, the caller needs the next one (TOK-4). If a
   * background renewal fails, callers that joined it get one in the foreground before an error (TOK-5).
   */
  const join = (
    joined: RenewalInFlight,
    outcome = Deferred.await(joined.done)
  ): Effect.Effect<AccessToken, TokenkeepError> => {
    joined.waited += 1
    return Effect.matchEffect(outcome, {
      onSuccess: (token) => (TokenState.isRetired(state, token) ? get : Effect.succeed(token)),
      onFailure: (error) => (joined.reason === "window" ? get : Effect.fail(error))
    })
  }

  const get: Effect.Effect<AccessToken, TokenkeepError> = Effect.suspend(() => {
    if (disposed) return Effect.fail(disposedError())
    const token = peek(true)
    if (token !== undefined) return Effect.succeed(token)
    if (renewal === undefined || (isIsolated && isLost(renewal, mono()))) {
      return join(begin(state.current === undefined ? state.without : "window", false))
    }
    if (isIsolated) return join(renewal, lookFor(renewal, mono, get))
    // The token was rejected while it was being saved: the next renewal begins once that is over.
    return renewal.isResolved ? Effect.andThen(Deferred.await(renewal.over), get) : join(renewal)
  })

  const reject = (rejected: AccessToken | string, how: RejectionReason = "unknown"): Effect.Effect<void> =>
    Effect.suspend(() => {
      const { current } = state
      if (current === undefined) return Effect.void
      const { token } = current
      const isCurrent =
        typeof rejected === "string" ? [token.id, token.reveal()].includes(rejected) : rejected.id === token.id
      // A late rejection of an older token says nothing about this one (TOK-4).
      if (!isCurrent) return Effect.void
      const age = TokenState.ageOf(current, now())
      // The lifetime is learned only from tokens that expired (TOK-6).
      if (how === "expired") renewals.learnFrom(age)
      update(TokenState.rejected(state))
      emit({ type: "rejected", at: wall(), tokenId: token.id, reason: how, age: Math.round(age) })
      return count("rejections", { reason: how })
    })

  const propagated = (token: AccessToken): Effect.Effect<void, TokenkeepError> => {
    const { propagation = 0 } = provider
    if (propagation === 0 || state.current?.token !== token) return Effect.void
    const left = propagation - (mono() - state.current.knownSince)
    return left <= 0 ? Effect.void : waitUntilEnded(left, Deferred.await(ended))
  }

  const retryKey = () => {
    requester.forgetRejections()
    update({ ...state, failures: 0 })
    lastError = undefined
  }

  const status = (): TokenStatus => statusOf(renewals, state, now(), disposed, lastError)

  /** A source of the key, for example, may not be interruptible. */
  const interrupt = (fiber: Fiber.Fiber<unknown, unknown>) => Effect.timeoutOption(Fiber.interrupt(fiber), disposeGrace)

  /** Waiting callers fail at once; a token request that was sent may finish and be saved, anything else stops. */
  const dispose = Effect.gen(function* () {
    disposed = true
    trusted = undefined
    Deferred.doneUnsafe(ended, Exit.fail(disposedError()))
    const last = renewal
    if (last !== undefined) {
      Deferred.doneUnsafe(last.done, Exit.fail(disposedError()))
      Deferred.doneUnsafe(last.over, Exit.void)
    }
    if (last?.fiber !== undefined) {
      if (requester.isUnderway()) yield* Effect.timeoutOption(Fiber.await(last.fiber), disposeGrace)
      yield* interrupt(last.fiber)
    }
    if (grants !== undefined) yield* grants.close
    const probing = probe.running()
    if (probing) yield* interrupt(probing)
    update(TokenState.initial)
  })
  yield* Effect.addFinalizer(() => dispose)

  const replaceGrant = (refreshToken: string | Redacted.Redacted) =>
    Effect.gen(function* () {
      if (disposed) return yield* disposedError()
      yield* renewals.replaceGrant(refreshToken)
      // Its access token is of the consent before.
      update(TokenState.rejected(state))
    })

  return {
    get,
    replaceGrant,
    peek: () => peek(false),
    cached: () => peek(true),
    reject,
    propagated,
    retryKey,
    status,
    isDisposed: () => disposed,
    ended: Deferred.await(ended),
    /** Whether nothing is under way that only this manager knows of. */
    isIdle: () => renewal === undefined && !probe.running() && grants?.isIdle() !== false
  }
})
