import type { PromiseTokenKeep } from "@tokenkeep/core"
import {
  createDeeply as createWithLayers,
  type DeeplyCollections,
  type DeeplyPromiseOptions,
  type Host
} from "@tokenkeep/deeply"
import type { Transport } from "./FetchTransport.ts"
import { revealed } from "./internal/revealed.ts"
import type { Telemetry } from "./Telemetry.ts"
import type { TokenkeepError } from "./TokenkeepError.ts"
import type { TokenStorage } from "./TokenStorage.ts"

/**
 * The options of a client. All are optional.
 *
 * @example
 * ```ts
 * import { type CreateDeeplyOptions, edge } from "tokenkeep"
 *
 * const options: CreateDeeplyOptions = { host: edge("192.0.2.7"), tokenRequest: { deadline: "5 seconds" } }
 * console.log(Object.keys(options).join()) // => host,tokenRequest
 * ```
 */
export interface CreateDeeplyOptions extends DeeplyPromiseOptions {
  /** How requests are sent; default the platform's fetch. */
  readonly transport?: Transport | undefined
  /** Where the token is stored; default the memory of this client. Clients with the same storage share one token. */
  readonly storage?: TokenStorage | undefined
  /** A storage to use while `storage` fails, such as files for all processes of a host; default this process's memory. */
  readonly fallbackStorage?: TokenStorage | undefined
  /** Where spans and metrics go, such as `OpenTelemetry.layer()` of `tokenkeep/opentelemetry`; default nowhere. */
  readonly telemetry?: Telemetry | undefined
}

/**
 * A client of the Deeply API that fetches and renews its access token by itself. Its functions work without the object,
 * as in `const { fetch } = deeply`.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyClient } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * const highest = async ({ events }: DeeplyClient, label: string) => {
 *   let highest = 0
 *   for await (const { confidence } of events.all({ label_id: label })) highest = Math.max(highest, confidence)
 *   return highest
 * }
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(await highest(deeply, "glass_break")) // => 0.75
 * ```
 */
export interface DeeplyClient extends PromiseTokenKeep, DeeplyCollections {
  readonly host: Host
  /** The error that a 401, 403 or 429 response means. The body of the response stays readable. */
  readonly explain: (response: Response) => Promise<TokenkeepError | undefined>
}

/**
 * Creates a client. It sends nothing until it is used.
 *
 * @param options.apiKey Default the environment variable `DEEPLY_API_KEY`, read before every token request.
 * @param options.host Default the environment variable `DEEPLY_HOST`, else the cloud.
 *
 * Throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or `API_KEY_MALFORMED` if an option is wrong. If there is no API key, the
 * first call rejects with `API_KEY_MISSING`.
 *
 * @example
 * ```ts
 * import { createDeeply } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * const response = await deeply.fetch("/api/v1/events")
 * console.log(response.status) // => 200
 * ```
 */
export const createDeeply = (options: CreateDeeplyOptions = {}): DeeplyClient => {
  // `run` runs effects, which users of this package do not have.
  const { run: _, ...client } = createWithLayers(revealed(options))
  return client
}
