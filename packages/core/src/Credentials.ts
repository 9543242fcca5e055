import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { ApiKey } from "./ApiKey.ts"
import { AuthError, isAuthError } from "./AuthError.ts"
import { checked } from "./internal/checked.ts"
import { KnownKeys } from "./internal/KnownKeys.ts"

/** How long a source may take to answer, in milliseconds (KEY-3). */
const sourceDeadline = 5_000

/** How long an answer that took waiting is good for while a rejection stands, in milliseconds (KEY-3). */
const recentFor = 1_000

type KeyAnswer = string | Redacted.Redacted | undefined

/**
 * Where an API key comes from: a value, a function, or an effect such as a `Config`. A function or an effect is asked
 * before every issue call, so that a changed key is picked up without a restart; it may answer `undefined` when there is
 * no key.
 *
 * @example
 * ```ts
 * import type { ApiKeySource } from "@tokenkeep/core"
 * import * as Config from "effect/Config"
 *
 * const fromVault: ApiKeySource = async () => "sk-live-2f6c1d"
 * const fromConfig: ApiKeySource = Config.Redacted("BILLING_KEY")
 * console.log(typeof fromVault, typeof fromConfig) // => function object
 * ```
 */
export type ApiKeySource =
  | string
  | Redacted.Redacted
  | (() => KeyAnswer | Promise<KeyAnswer>)
  | Effect.Effect<KeyAnswer, unknown>

/**
 * One source, or two that overlap during a rotation: when the first key is refused, the second is tried (KEY-3).
 *
 * @example
 * ```ts
 * import type { ApiKeySources } from "@tokenkeep/core"
 *
 * const overlapping: ApiKeySources = ["sk-live-2f6c1d", "sk-live-9b0e44"]
 * console.log(overlapping.length) // => 2
 * ```
 */
export type ApiKeySources = ApiKeySource | readonly [ApiKeySource, ApiKeySource]

/** The sources as a list, whichever way they were given. */
export const sourcesOf = (sources: ApiKeySources): ReadonlyArray<ApiKeySource> =>
  Array.isArray(sources) ? (sources as ReadonlyArray<ApiKeySource>) : [sources as ApiKeySource]

/** Whether a source is the key itself, so that it can be checked at once. */
export const isLiteral = (source: ApiKeySource): source is string | Redacted.Redacted =>
  typeof source !== "function" && !Effect.isEffect(source)

const sourceFailed = (what: string) =>
  AuthError.of({ _tag: "ApiKeySourceFailed" }, { what, fix: "Make the source answer with the key, or try again." })

/** What a source fails with may quote the key, so nothing of it is kept. */
const failure = (error: unknown): AuthError =>
  isAuthError(error) ? error : sourceFailed("The source that supplies the API key failed.")

const withDeadline = (answer: Effect.Effect<KeyAnswer, unknown>): Effect.Effect<KeyAnswer, AuthError> =>
  answer.pipe(
    Effect.timeoutOrElse({
      duration: sourceDeadline,
      orElse: () => Effect.fail(sourceFailed(`The API key's source did not answer within ${sourceDeadline} ms.`))
    }),
    Effect.catchCause((cause) =>
      // Whoever stopped waiting is not told of a failure.
      Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.fail(failure(Cause.squash(cause)))
    )
  )

interface Asked {
  readonly value: KeyAnswer
  /** Whether the answer took waiting: such a source is not asked again and again while a rejection stands. */
  readonly waited: boolean
}

const ask = (source: ApiKeySource): Effect.Effect<Asked, AuthError> => {
  if (Effect.isEffect(source)) return Effect.map(withDeadline(source), (value) => ({ value, waited: true }))
  if (typeof source !== "function") return Effect.succeed({ value: source, waited: false })
  return Effect.suspend((): Effect.Effect<Asked, AuthError> => {
    const answer = checkedAnswer(source)
    if (isAuthError(answer)) return Effect.fail(answer)
    if (!(answer instanceof Promise)) return Effect.succeed({ value: answer, waited: false })
    return Effect.map(withDeadline(Effect.promise(() => answer)), (value) => ({
      value,
      waited: true
    }))
  })
}

const checkedAnswer = (source: () => KeyAnswer | Promise<KeyAnswer>) => {
  try {
    return source()
  } catch (error) {
    return failure(error)
  }
}

const check = (value: KeyAnswer, name: string) =>
  checked(() => {
    if (value !== undefined) return ApiKey.make(value, { name })
    throw AuthError.of({ _tag: "ApiKeyMissing" }, { what: "There is no API key.", fix: "Pass one as apiKey." })
  })

/**
 * One source of a key, as the service offers it.
 *
 * @example
 * ```ts
 * import { Credentials, type KeySource } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const keyOf = ({ current }: KeySource) => current
 * const program = Credentials.use(({ sources: [first] }) => keyOf(first))
 * console.log(String(await Effect.runPromise(Effect.provide(program, Credentials.layer("sk-live-2f6c1d")))))
 * // => <redacted:api-key>
 * ```
 */
export interface KeySource {
  /** The key as it is now; fails with `API_KEY_MISSING`, `API_KEY_MALFORMED` or `API_KEY_SOURCE_FAILED`. */
  readonly current: Effect.Effect<ApiKey, AuthError>
  /** The same, but an answer that took waiting is kept for a second: for asking whether a refused key has changed. */
  readonly recent: Effect.Effect<ApiKey, AuthError>
}

const keySource = Effect.fnUntraced(function* (source: ApiKeySource, name: string, remember: (key: ApiKey) => void) {
  const clock = yield* Clock.Clock
  let last: { readonly key: ApiKey; readonly until: bigint } | undefined

  const current = Effect.gen(function* () {
    const { value, waited } = yield* ask(source)
    const key = yield* check(value, name)
    remember(key)
    last = waited ? { key, until: clock.monotonicTimeNanosUnsafe() + BigInt(recentFor) * 1_000_000n } : undefined
    return key
  })
  const recent = Effect.suspend(() =>
    last !== undefined && clock.monotonicTimeNanosUnsafe() < last.until ? Effect.succeed(last.key) : current
  )
  return { current, recent } satisfies KeySource
})

/** How many of a client's keys are remembered: the current ones, and what was rotated away lately. */
const remembered = 8

/** The keys that this client has seen, told to {@link KnownKeys} for as long as it lives. */
const ownKeys = Effect.gen(function* () {
  const known = yield* KnownKeys
  let keys: ReadonlyArray<ApiKey> = []
  yield* Effect.addFinalizer(() => Effect.sync(() => keys.forEach(known.remove)))
  return {
    remember: (key: ApiKey) => {
      if (keys.some((own) => own.equals(key))) return
      known.add(key)
      const [oldest] = keys.length === remembered ? keys : []
      if (oldest !== undefined) known.remove(oldest)
      keys = [...keys, key].slice(-remembered)
    },
    areIn: (text: string) => keys.some((key) => key.isIn(text))
  }
})

/**
 * The service that knows the API keys.
 *
 * @example
 * ```ts
 * import { Credentials } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const program = Credentials.use(({ sources: [first] }) => first.current)
 * const key = await Effect.runPromise(Effect.provide(program, Credentials.layer("sk-live-2f6c1d")))
 * console.log(String(key)) // => <redacted:api-key>
 * ```
 */
export class Credentials extends Context.Service<
  Credentials,
  {
    /** The current source, then the one to go on with when its key is refused. */
    readonly sources: readonly [KeySource, ...ReadonlyArray<KeySource>]
    /** Whether a text, such as a URL or a header's value, carries a key that this client has seen. */
    readonly areIn: (text: string) => boolean
    /** Asks the sources that were never asked, so that their keys are seen; never fails. */
    readonly prime: Effect.Effect<void>
  }
>()("@tokenkeep/core/Credentials") {
  /**
   * Credentials from one source, or from two that overlap. A literal key that is malformed fails when the source is asked;
   * check it earlier with {@link ApiKey.make}.
   *
   * @param options.name What to call the key in messages and prints; `"api-key"` by default, and with `-next` for the
   *   second.
   *
   * @example
   * ```ts
   * import { Credentials } from "@tokenkeep/core"
   * import * as Effect from "effect/Effect"
   *
   * const missing = Credentials.layer(() => undefined)
   * const error = await Effect.runPromise(
   *   Effect.flip(Effect.provide(Credentials.use(({ sources: [first] }) => first.current), missing))
   * )
   * console.log(error.message) // => There is no API key. Pass one as apiKey.
   * ```
   */
  static readonly layer = (
    sources: ApiKeySources,
    options: { readonly name?: string | undefined } = {}
  ): Layer.Layer<Credentials> =>
    Layer.effect(
      Credentials,
      Effect.gen(function* () {
        const name = options.name ?? "api-key"
        const { areIn, remember } = yield* ownKeys
        const [first, second] = sourcesOf(sources) as readonly [ApiKeySource, ApiKeySource?]
        const current = yield* keySource(first, name, remember)
        const next = second === undefined ? [] : [yield* keySource(second, `${name}-next`, remember)]
        const all: readonly [KeySource, ...ReadonlyArray<KeySource>] = [current, ...next]
        const prime = yield* Effect.cached(
          Effect.forEach(all, (source) => Effect.ignore(source.current), { discard: true })
        )
        // A literal is known before it is first used, so that its misuse is caught from the first request on.
        if (sourcesOf(sources).every(isLiteral)) yield* prime
        return { sources: all, areIn, prime }
      })
    ).pipe(Layer.provide(KnownKeys.layer))
}
