import * as Context from "effect/Context"
import type { TokenStorage } from "./TokenStorage.ts"

/**
 * The storage that is used while the first one fails, if any: the option `fallbackStorage` as a service.
 *
 * @example
 * ```ts
 * import { FallbackStorage, TokenStorage } from "@tokenkeep/core"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * const layer = Layer.effect(FallbackStorage, TokenStorage).pipe(Layer.provide(MemoryStorage.layer()))
 * const capabilities = Effect.map(FallbackStorage, (storage) => storage?.capabilities)
 * console.log((await Effect.runPromise(Effect.provide(capabilities, layer)))?.durable) // => false
 * ```
 */
export const FallbackStorage = Context.Reference<TokenStorage["Service"] | undefined>(
  "@tokenkeep/core/FallbackStorage",
  { defaultValue: () => undefined }
)
