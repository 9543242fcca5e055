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

/**
 * Where the API key comes from: a value, or a function that is asked before every issue call, so that a changed key is
 * picked up without a restart. A function may answer `undefined` when there is no key.
 *
 * @example
 * ```ts
 * import type { ApiKeySource } from "@tokenkeep/core"
 *
 * const fromVault: ApiKeySource = async () => "sk-live-2f6c1d"
 * console.log(typeof fromVault) // => function
 * ```
 */
export type ApiKeySource =
  | string
  | Redacted.Redacted
  | (() => string | Redacted.Redacted | undefined | Promise<string | Redacted.Redacted | undefined>)

const sourceFailed = (what: string) =>
  AuthError.of({ _tag: "ApiKeySourceFailed" }, { what, fix: "Make the function answer with the key, or try again." })

/** Asks a source; what it throws may quote the key, so nothing of it is kept. */
const ask = (source: ApiKeySource): Effect.Effect<string | Redacted.Redacted | undefined, AuthError> => {
  if (typeof source !== "function") return Effect.succeed(source)
  return Effect.tryPromise({
    try: async () => source(),
    catch: (error) => (isAuthError(error) ? error : sourceFailed("The function that supplies the API key failed."))
  }).pipe(
    Effect.timeoutOrElse({
      duration: sourceDeadline,
      orElse: () => Effect.fail(sourceFailed(`The API key's source did not answer within ${sourceDeadline} ms.`))
    })
  )
}

const check = (value: string | Redacted.Redacted | undefined, name: string | undefined) =>
  checked(() => {
    if (value !== undefined) return ApiKey.make(value, name === undefined ? {} : { name })
    throw AuthError.of({ _tag: "ApiKeyMissing" }, { what: "There is no API key.", fix: "Pass one as apiKey." })
  })

/**
 * The service that knows the current API key.
 *
 * @example
 * ```ts
 * import { Credentials } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const program = Credentials.use((credentials) => credentials.current)
 * const key = await Effect.runPromise(Effect.provide(program, Credentials.layer("sk-live-2f6c1d")))
 * console.log(String(key)) // => <redacted:api-key>
 * ```
 */
export class Credentials extends Context.Service<
  Credentials,
  {
    /** The key as it is now; fails with `API_KEY_MISSING`, `API_KEY_MALFORMED` or `API_KEY_SOURCE_FAILED`. */
    readonly current: Effect.Effect<ApiKey, AuthError>
  }
>()("@tokenkeep/core/Credentials") {
  /**
   * Credentials from a source. A literal key that is malformed fails when the source is asked; check it earlier with
   * {@link ApiKey.make}.
   *
   * @param options.name What to call the key in messages and prints; `"api-key"` by default.
   *
   * @example
   * ```ts
   * import { Credentials } from "@tokenkeep/core"
   * import * as Effect from "effect/Effect"
   *
   * const missing = Credentials.layer(() => undefined)
   * const error = await Effect.runPromise(
   *   Effect.flip(Effect.provide(Credentials.use((credentials) => credentials.current), missing))
   * )
   * console.log(error.message) // => There is no API key. Pass one as apiKey.
   * ```
   */
  static readonly layer = (
    source: ApiKeySource,
    options: { readonly name?: string | undefined } = {}
  ): Layer.Layer<Credentials> =>
    Layer.effect(
      Credentials,
      Effect.gen(function* () {
        const known = yield* KnownKeys
        const remember = (key: ApiKey) => Effect.sync(() => known.add(key))
        const current = ask(source).pipe(
          Effect.flatMap((value) => check(value, options.name)),
          Effect.tap(remember)
        )
        // A literal is known before it is first used, so that its misuse is caught from the first request on.
        if (typeof source !== "function") yield* Effect.ignore(current)
        return { current }
      })
    ).pipe(Layer.provide(KnownKeys.layer))
}
