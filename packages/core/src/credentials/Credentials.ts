import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { isControlFlow } from "../errors/controlFlow.ts"
import { checked, invalidOption } from "../errors/optionChecks.ts"
import { isTokenkeepError, TokenkeepError } from "../errors/TokenkeepError.ts"
import { timeoutAwake } from "../runtime/awakeTimer.ts"
import { clocks } from "../runtime/clocks.ts"
import { ApiKey } from "./ApiKey.ts"
import type { CredentialTerms } from "./CredentialTerms.ts"
import { containsPart, containsWhole } from "./containsPart.ts"
import { knownKeys } from "./knownKeys.ts"

/** How long a source may take, in milliseconds (KEY-3). */
const sourceDeadline = 5_000

/** How long an asynchronous source's key is reused while a rejection is active, in milliseconds (KEY-3). */
const recentMillis = 1_000

type KeyValue = string | Redacted.Redacted | undefined

/**
 * Where an API key comes from: a value, a function, or an effect such as a `Config`. A function or an effect is called
 * before every token request, so that a changed key is used without a restart; it may return `undefined` if there is no
 * key.
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
  | (() => KeyValue | Promise<KeyValue>)
  | Effect.Effect<KeyValue, unknown>

/**
 * One source, or two that overlap during a rotation: if the first key is rejected, the second is tried.
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

const apiKeyTerms: CredentialTerms = { noun: "API key", option: "apiKey" }

/** The sources as a list; throws `CONFIG_INVALID` for a list of another length, whose rest would be ignored. */
export const sourcesOf = (
  sources: ApiKeySources,
  { option }: CredentialTerms = apiKeyTerms
): ReadonlyArray<ApiKeySource> => {
  const list = [sources].flat() as ReadonlyArray<ApiKeySource>
  if (list.length === 1 || list.length === 2) return list
  throw invalidOption(option, `is a list of ${list.length}`, "Pass one source, or a list of two.")
}

/** Whether a source is the key itself, so that it can be checked at once. */
export const isLiteral = (source: ApiKeySource): source is string | Redacted.Redacted =>
  typeof source !== "function" && !Effect.isEffect(source)

const sourceFailed = ({ noun, option }: CredentialTerms, how: string) =>
  TokenkeepError.of(
    { _tag: "CredentialSourceFailed" },
    { what: `The source of the ${noun} ${how}.`, fix: `Check the function or effect that is passed as ${option}.` }
  )

/** A source's own error may quote the key, so nothing of it is kept. An error of a framework stays a defect. */
const sourceErrorOf = (terms: CredentialTerms, error: unknown): TokenkeepError => {
  if (isControlFlow(error)) throw error
  return isTokenkeepError(error) ? error : sourceFailed(terms, "threw an error")
}

const withDeadline = (
  terms: CredentialTerms,
  value: Effect.Effect<KeyValue, unknown>
): Effect.Effect<KeyValue, TokenkeepError> =>
  Effect.catchCause(
    timeoutAwake(value, sourceDeadline, () => sourceFailed(terms, `did not return within ${sourceDeadline} ms`)),
    (cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.fail(sourceErrorOf(terms, Cause.squash(cause)))
  )

interface SourceResult {
  readonly value: KeyValue
  /** Whether the source is asynchronous: while a rejection is active, it is called at most once a second. */
  readonly waited: boolean
}

const waitedFor = (
  terms: CredentialTerms,
  value: Effect.Effect<KeyValue, unknown>
): Effect.Effect<SourceResult, TokenkeepError> =>
  Effect.map(withDeadline(terms, value), (result) => ({ value: result, waited: true }))

const callSource = (source: ApiKeySource, terms: CredentialTerms): Effect.Effect<SourceResult, TokenkeepError> => {
  if (Effect.isEffect(source)) return waitedFor(terms, source)
  if (typeof source !== "function") return Effect.succeed({ value: source, waited: false })
  return Effect.suspend((): Effect.Effect<SourceResult, TokenkeepError> => {
    let value: KeyValue | Promise<KeyValue>
    try {
      value = source()
    } catch (error) {
      return Effect.fail(sourceErrorOf(terms, error))
    }
    // A function of a pool may return an effect.
    if (Effect.isEffect(value)) return waitedFor(terms, value as unknown as Effect.Effect<KeyValue, unknown>)
    // A promise of another realm or library is not an instance of `Promise`.
    return typeof (value as { readonly then?: unknown } | undefined)?.then === "function"
      ? waitedFor(
          terms,
          Effect.promise(async () => value)
        )
      : Effect.succeed({ value: value as KeyValue, waited: false })
  })
}

const keyFrom = (value: KeyValue, name: string, { noun, option }: CredentialTerms) =>
  checked(() => {
    if (value !== undefined) return ApiKey.make(value, { name, noun })
    throw TokenkeepError.of({ _tag: "ApiKeyMissing" }, { what: `There is no ${noun}.`, fix: `Pass one as ${option}.` })
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
  /** The key as it is now; fails with `API_KEY_MISSING`, `API_KEY_MALFORMED` or `CREDENTIAL_SOURCE_FAILED`. */
  readonly current: Effect.Effect<ApiKey, TokenkeepError>
  /** The same, but an asynchronous source's key is reused for a second: to check whether a rejected key has changed. */
  readonly recent: Effect.Effect<ApiKey, TokenkeepError>
}

const keySource = Effect.fnUntraced(function* (
  source: ApiKeySource,
  name: string,
  terms: CredentialTerms,
  remember: (key: ApiKey) => void
) {
  const { mono } = yield* clocks
  let last: { readonly key: ApiKey; readonly until: number } | undefined

  const current = Effect.gen(function* () {
    const { value, waited } = yield* callSource(source, terms)
    const key = yield* keyFrom(value, name, terms)
    remember(key)
    last = waited ? { key, until: mono() + recentMillis } : undefined
    return key
  })
  const recent = Effect.suspend(() => (last !== undefined && mono() < last.until ? Effect.succeed(last.key) : current))
  return { current, recent } satisfies KeySource
})

/** The key of one source as it is now; `undefined` if there is none. */
export const optionalSource = (source: ApiKeySource | undefined, name: string, terms: CredentialTerms) =>
  Effect.gen(function* () {
    if (source === undefined) return undefined
    const { value } = yield* callSource(source, terms)
    return value === undefined ? undefined : yield* keyFrom(value, name, terms)
  })

/** How many of a client's keys are remembered: the current ones, and those that were rotated away recently. */
const remembered = 8

/** The keys that this client has used, registered with {@link knownKeys} while the client exists. */
const ownKeys = Effect.gen(function* () {
  let keys: ReadonlyArray<ApiKey> = []
  yield* Effect.addFinalizer(() => Effect.sync(() => keys.forEach(knownKeys.remove)))
  return {
    remember: (key: ApiKey) => {
      if (keys.some((own) => own.equals(key))) return
      knownKeys.add(key)
      const [oldest] = keys.length === remembered ? keys : []
      if (oldest !== undefined) knownKeys.remove(oldest)
      keys = [...keys, key].slice(-remembered)
    },
    areIn: (value: string) => keys.some((key) => key.isIn(value)),
    areInToken: (token: string) => keys.some((key) => key.isIn(token) || containsWhole(token, key.reveal())),
    arePartlyIn: (text: string) => knownKeys.areIn(text) || keys.some((key) => containsPart(text, key.reveal()))
  }
})

/** Makes the service; see {@link Credentials.layer}. */
export const makeCredentials = Effect.fnUntraced(function* (
  sources: ApiKeySources,
  options: { readonly name?: string | undefined; readonly terms?: CredentialTerms | undefined }
) {
  const { name = "api-key", terms = apiKeyTerms } = options
  const { remember, ...known } = yield* ownKeys
  const list = sourcesOf(sources, terms)
  const [first, second] = list as readonly [ApiKeySource, ApiKeySource?]
  const current = yield* keySource(first, name, terms, remember)
  const next = second === undefined ? [] : [yield* keySource(second, `${name}-next`, terms, remember)]
  const all: readonly [KeySource, ...ReadonlyArray<KeySource>] = [current, ...next]
  let isPrimed = false
  const prime = Effect.gen(function* () {
    if (isPrimed) return
    for (const source of all) yield* Effect.exit(source.current)
    isPrimed = true
  })
  // A literal key is known before it is first used, so that its misuse is found from the first request on.
  if (list.every(isLiteral)) yield* prime
  return { sources: all, ...known, prime }
})

/**
 * The service that provides the API keys.
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
    /** The current source, then the one to use if its key is rejected. */
    readonly sources: readonly [KeySource, ...ReadonlyArray<KeySource>]
    /** Whether a string, such as a URL or a header's value, contains a key that this client has used. */
    readonly areIn: (value: string) => boolean
    /** Whether an access token contains such a key, also in upper or lower case, hexadecimal digits or base64. */
    readonly areInToken: (token: string) => boolean
    /**
     * Whether a text from outside must not be shown: it contains such a key or a part of one, in any case, or, as a word,
     * a key of another client of this process.
     */
    readonly arePartlyIn: (text: string) => boolean
    /** Calls the sources that were not called yet, so that their keys are known; never fails. */
    readonly prime: Effect.Effect<void>
  }
>()("@tokenkeep/core/Credentials") {
  /**
   * Credentials from one source, or from two that overlap. A malformed literal key fails when the source is read; check
   * it earlier with {@link ApiKey.make}.
   *
   * @param options.name The key's name in messages and prints; `"api-key"` by default, and with `-next` for the second.
   * @param options.terms What messages call the key and its option; "API key" and "apiKey" by default.
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
    options: { readonly name?: string | undefined; readonly terms?: CredentialTerms | undefined } = {}
  ): Layer.Layer<Credentials> => Layer.effect(Credentials, makeCredentials(sources, options))
}
