import type { CreateTokenKeepPoolOptions } from "@tokenkeep/core"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { DeeplyOptions } from "./DeeplyOptions.ts"
import type { ApiKeyOf, DeeplyPoolOptionsOf } from "./DeeplyPoolPromiseOptions.ts"

/**
 * Returns the API key of a customer, also as an effect.
 *
 * @example
 * ```ts
 * import type { EffectApiKeyOf } from "@tokenkeep/deeply"
 * import * as Effect from "effect/Effect"
 *
 * const fromVault: EffectApiKeyOf = (id) => Effect.succeed(`sk-live-${id}`)
 * console.log(typeof fromVault) // => function
 * ```
 */
export type EffectApiKeyOf =
  | ApiKeyOf
  | ((id: string) => Redacted.Redacted | Promise<Redacted.Redacted | undefined> | undefined)
  | ((id: string) => Effect.Effect<string | Redacted.Redacted | undefined, unknown>)

/**
 * The options of a pool for both APIs: those of {@link DeeplyPoolPromiseOptions}, also with Effect's types.
 *
 * @example
 * ```ts
 * import type { DeeplyPoolOptions } from "@tokenkeep/deeply"
 * import * as Duration from "effect/Duration"
 *
 * const options: DeeplyPoolOptions = { apiKey: (id) => `sk-live-${id}`, maxWait: Duration.seconds(2) }
 * console.log(Object.keys(options).join()) // => apiKey,maxWait
 * ```
 */
export interface DeeplyPoolOptions
  extends DeeplyPoolOptionsOf<Duration.Input, EffectApiKeyOf>, Pick<DeeplyOptions, "fallbackStorage"> {}

/**
 * {@link DeeplyPoolOptions} with the adapters of the promise API.
 *
 * @example
 * ```ts
 * import type { CreateDeeplyPoolOptions } from "@tokenkeep/deeply"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 *
 * const options: CreateDeeplyPoolOptions = { apiKey: (id) => `sk-live-${id}`, storage: MemoryStorage.layer() }
 * console.log(Object.keys(options).join()) // => apiKey,storage
 * ```
 */
export interface CreateDeeplyPoolOptions extends DeeplyPoolOptions {
  /** How requests are sent; default the platform's fetch. */
  readonly transport?: CreateTokenKeepPoolOptions["transport"] | undefined
  /** Where the tokens of all clients are stored; default the memory of this pool. */
  readonly storage?: CreateTokenKeepPoolOptions["storage"] | undefined
  /** Where spans and metrics are exported, such as Effect's `Otlp.layerJson`; default nowhere. */
  readonly telemetry?: CreateTokenKeepPoolOptions["telemetry"]
}
