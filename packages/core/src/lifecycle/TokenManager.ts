import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { AccessToken } from "../credentials/AccessToken.ts"
import type { Credentials } from "../credentials/Credentials.ts"
import { checked, checkOptions } from "../errors/optionChecks.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import { Provider } from "../ports/Provider.ts"
import type { TokenStorage } from "../ports/TokenStorage.ts"
import type { Transport } from "../ports/Transport.ts"
import type { RejectionReason } from "../telemetry/TokenEvent.ts"
import { makeTokenManager } from "./makeTokenManager.ts"
import { managerChecks, managerSettings } from "./managerSettings.ts"
import type { TokenManagerOptions } from "./TokenManagerOptions.ts"
import type { TokenStatus } from "./TokenStatus.ts"

/**
 * The service that keeps one access token fresh, and the only writer of the storage.
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
     * The current token: from memory if it is good, else renewed once for all callers. Interrupting it never stops the
     * renewal that others share.
     */
    readonly get: Effect.Effect<AccessToken, TokenkeepError>
    /** The current token if it is good, without waiting. */
    readonly peek: () => AccessToken | undefined
    /**
     * The token that a request can use without waiting: like `peek`, but `undefined` if the caller must renew a token
     * that is near its end, as in Cloudflare Workers without `waitUntil`.
     */
    readonly cached: () => AccessToken | undefined
    /** Reports that a token was rejected; it counts only if that token, or its id, is the current one. */
    readonly reject: (token: AccessToken | string, how?: RejectionReason) => Effect.Effect<void>
    /** Waits until every server knows a new token: at once, except for providers with a `propagation`. */
    readonly propagated: (token: AccessToken) => Effect.Effect<void, TokenkeepError>
    /** Allows an API key that was rejected to be sent again at once. */
    readonly retryKey: () => void
    /**
     * Puts a new refresh token in place, after the user has consented again, for all clients that share the grant. Fails
     * with `CONFIG_INVALID` if the provider has no grant, `API_KEY_MALFORMED`, or `STORAGE_FAILED`.
     */
    readonly replaceGrant: (refreshToken: string | Redacted.Redacted) => Effect.Effect<void, TokenkeepError>
    readonly status: () => TokenStatus
    readonly isDisposed: () => boolean
    /** Fails with `DISPOSED` when the manager ends, and not before. */
    readonly ended: Effect.Effect<never, TokenkeepError>
  }
>()("@tokenkeep/core/TokenManager") {
  /**
   * The manager over a provider, a transport and a storage. Fails to build with `CONFIG_INVALID` or `INSECURE_ORIGIN`.
   *
   * @example
   * ```ts
   * import { TokenManager } from "@tokenkeep/core"
   * import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
   *
   * const manager = TokenManager.layer({ tokenRequest: { deadline: 5_000 } })
   * console.log(Layer.isLayer(manager)) // => true
   * ```
   */
  static readonly layer = (
    options: TokenManagerOptions = {}
  ): Layer.Layer<TokenManager, TokenkeepError, Provider | Credentials | Transport | TokenStorage> =>
    Layer.effect(
      TokenManager,
      Effect.gen(function* () {
        const provider = yield* Provider
        const settings = checked(() => {
          checkOptions(options, managerChecks)
          return managerSettings(provider, options)
        })
        return yield* makeTokenManager(yield* settings)
      })
    )
}
