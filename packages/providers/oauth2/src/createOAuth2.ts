import { createTokenKeep, type CreateTokenKeepOptions, type TokenKeep, TokenManager } from "@tokenkeep/core"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import { checkGrantStorage } from "./options/checkGrantStorage.ts"
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
 * A client of one API.
 *
 * @example
 * ```ts
 * import type { OAuth2Client } from "@tokenkeep/oauth2"
 *
 * const orders = async ({ fetch }: OAuth2Client): Promise<unknown> => (await fetch("/orders")).json()
 * console.log(typeof orders) // => function
 * ```
 */
export interface OAuth2Client extends TokenKeep {
  /**
   * Puts a new refresh token in place, after the user has consented again: for all clients that share the grant, without
   * a restart. Rejects with `CONFIG_INVALID` for another grant, `API_KEY_MALFORMED` or `STORAGE_FAILED`.
   */
  readonly replaceGrant: (refreshToken: string) => Promise<void>
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
export const createOAuth2 = (options: CreateOAuth2Options): OAuth2Client => {
  const resolved = resolveOptions(options, "transport", "storage", "telemetry")
  checkGrantStorage(resolved, options.storage !== undefined)
  const keep = createTokenKeep({
    ...resolved,
    transport: options.transport ?? defaultTransport,
    storage: options.storage ?? defaultStorage()
  })
  const replaceGrant = (refreshToken: string) =>
    keep.run(TokenManager.use((manager) => manager.replaceGrant(refreshToken)))
  return { ...keep, replaceGrant }
}
