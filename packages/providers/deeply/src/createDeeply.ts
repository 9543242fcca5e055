import { createTokenKeep, type CreateTokenKeepOptions, type TokenKeep } from "@tokenkeep/core"
import type { DeeplyCollections } from "./collections/Collection.ts"
import { lazyCollections } from "./collections/lazyCollections.ts"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { Host } from "./Host.ts"
import type { DeeplyOptions } from "./options/DeeplyOptions.ts"
import { resolveOptions } from "./options/resolveOptions.ts"

/**
 * {@link DeeplyOptions} with the adapters of the promise API.
 *
 * @example
 * ```ts
 * import type { CreateDeeplyOptions } from "@tokenkeep/deeply"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 *
 * const options: CreateDeeplyOptions = { apiKey: "sk-live-2f6c1d", storage: MemoryStorage.layer() }
 * console.log(Object.keys(options).join()) // => apiKey,storage
 * ```
 */
export interface CreateDeeplyOptions extends DeeplyOptions {
  /** How requests are sent; default the platform's fetch. */
  readonly transport?: CreateTokenKeepOptions["transport"] | undefined
  /** Where the token is stored; default the memory of this client. */
  readonly storage?: CreateTokenKeepOptions["storage"] | undefined
  /** Where spans and metrics are exported, such as Effect's `Otlp.layerJson`; default nowhere. */
  readonly telemetry?: CreateTokenKeepOptions["telemetry"]
}

/**
 * A client of the Deeply API that fetches and renews its access token by itself.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyClient } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const highestConfidence = async ({ events }: DeeplyClient, label: string) => {
 *   let highest = 0
 *   for await (const { confidence } of events.all({ label_id: label })) highest = Math.max(highest, confidence)
 *   return highest
 * }
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(await highestConfidence(deeply, "glass_break")) // => 0.75
 * ```
 */
export interface DeeplyClient extends TokenKeep, DeeplyCollections {
  readonly host: Host
}

/**
 * Creates a client of the promise API. It sends nothing until it is used.
 *
 * Throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or `API_KEY_MALFORMED` if an option is wrong. If there is no API key, the
 * first call rejects with `API_KEY_MISSING`.
 *
 * @param options.apiKey Default the environment variable `DEEPLY_API_KEY`, read before every token request.
 * @param options.host Default the environment variable `DEEPLY_HOST`, else {@link cloud}.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * const response = await deeply.fetch("/api/v1/events")
 * console.log(response.status) // => 200
 * ```
 */
export const createDeeply = (options: CreateDeeplyOptions = {}): DeeplyClient => {
  const { host, keep: resolved } = resolveOptions(options, "transport", "storage", "telemetry")
  const { storage = defaultStorage(), transport = defaultTransport } = options
  const keep = createTokenKeep({ ...resolved, transport, storage })
  return { ...keep, host, ...lazyCollections(keep, options) }
}
