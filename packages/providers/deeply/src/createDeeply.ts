import { createTokenKeep, type CreateTokenKeepOptions, type TokenKeep } from "@tokenkeep/core"
import type { Collection } from "./Collection.ts"
import type { DeeplyEvent, EventQuery } from "./DeeplyEvent.ts"
import type { DeeplyMic, MicQuery } from "./DeeplyMic.ts"
import { type DeeplyOptions, keepOptions } from "./DeeplyOptions.ts"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { Host } from "./Host.ts"
import { promiseCollection, runningWithApi } from "./internal/promiseCollection.ts"
import { eventQuery, micQuery } from "./internal/query.ts"

/**
 * {@link DeeplyOptions} with adapters.
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
  /** The platform's fetch by default. */
  readonly transport?: CreateTokenKeepOptions["transport"] | undefined
  /** A memory of its own by default. */
  readonly storage?: CreateTokenKeepOptions["storage"] | undefined
  /** Where spans and metrics go, such as effect's `Otlp.layerJson`; nowhere by default (OBS-3). */
  readonly telemetry?: CreateTokenKeepOptions["telemetry"]
}

/**
 * A client of the Deeply API whose token is always fresh.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyClient } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const surest = async ({ events }: DeeplyClient, label: string) => {
 *   let surest = 0
 *   for await (const { confidence } of events.all({ label_id: label })) surest = Math.max(surest, confidence)
 *   return surest
 * }
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(await surest(deeply, "glass_break")) // => 0.75
 * ```
 */
export interface DeeplyClient extends TokenKeep {
  readonly host: Host
  /**
   * What the microphones heard: `events.list`, `events.all`, `events.get`. Called as a function it tells what happened to
   * the token, as for any {@link TokenKeep}.
   */
  readonly events: TokenKeep["events"] & Collection<DeeplyEvent, EventQuery>
  readonly mics: Collection<DeeplyMic, MicQuery>
}

/**
 * Makes a client: the promise door. It is lazy, so nothing is sent until the first use.
 *
 * @param options.apiKey By default the environment's `DEEPLY_API_KEY`, read before every issue call.
 * @param options.host By default the environment's `DEEPLY_HOST`, else {@link cloud}.
 *
 * Throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or `API_KEY_MALFORMED` at once for what is known to be wrong; a key that is
 * missing is told by the first use, as `API_KEY_MISSING`.
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
  const decided = keepOptions(options)
  const keep = createTokenKeep({
    ...decided,
    transport: options.transport ?? defaultTransport,
    storage: options.storage ?? defaultStorage()
  })
  const run = runningWithApi(keep, options)
  return {
    ...keep,
    host: decided.host,
    events: Object.assign(() => keep.events(), promiseCollection(run, "events", eventQuery)),
    mics: promiseCollection(run, "mics", micQuery)
  }
}
