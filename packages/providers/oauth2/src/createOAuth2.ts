import { createTokenKeep, type CreateTokenKeepOptions, type TokenKeep } from "@tokenkeep/core"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { OAuth2Options } from "./options/OAuth2Options.ts"
import { resolveOptions } from "./options/resolveOptions.ts"

/**
 * {@link OAuth2Options} with the adapters of the promise API.
 *
 * @example
 * ```ts
 * import type { CreateOAuth2Options } from "@tokenkeep/oauth2"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 *
 * const adapters: Pick<CreateOAuth2Options, "storage"> = { storage: MemoryStorage.layer() }
 * console.log(Object.keys(adapters).join()) // => storage
 * ```
 */
export interface CreateOAuth2Options extends OAuth2Options {
  /** How requests are sent; default the platform's fetch. */
  readonly transport?: CreateTokenKeepOptions["transport"] | undefined
  /** Where the token is stored; default the memory of this client. */
  readonly storage?: CreateTokenKeepOptions["storage"] | undefined
  /** Where spans and metrics are exported, such as Effect's `Otlp.layerJson`; default nowhere. */
  readonly telemetry?: CreateTokenKeepOptions["telemetry"]
}

/**
 * Creates a client of the promise API. It sends nothing until it is used.
 *
 * Throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or, for a literal secret, `API_KEY_MALFORMED` if an option is wrong. If there
 * is no secret or private key, the first call rejects with `API_KEY_MISSING`.
 *
 * @example
 * ```ts
 * import { createOAuth2 } from "@tokenkeep/oauth2"
 *
 * await using crm = createOAuth2({
 *   baseUrl: "https://api.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: () => "s3cr3t-2f6c1d8e" },
 *   grant: { type: "client_credentials", scope: "read" }
 * })
 * console.log(crm.baseUrl, crm.status().state) // => https://api.example.test/ empty
 * ```
 */
export const createOAuth2 = (options: CreateOAuth2Options): TokenKeep =>
  createTokenKeep({
    ...resolveOptions(options, "transport", "storage", "telemetry"),
    transport: options.transport ?? defaultTransport,
    storage: options.storage ?? defaultStorage()
  })
