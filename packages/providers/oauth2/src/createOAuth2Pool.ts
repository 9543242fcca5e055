import { createTokenKeepPool, PooledClient, TokenManager, type TokenPool } from "@tokenkeep/core"
import type { OAuth2Client } from "./createOAuth2.ts"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { CreateOAuth2PoolOptions } from "./options/OAuth2PoolOptions.ts"
import { resolvePoolOptions } from "./options/resolvePoolOptions.ts"

class PooledOAuth2 extends PooledClient implements OAuth2Client {
  get replaceGrant(): OAuth2Client["replaceGrant"] {
    return (refreshToken) => this.run(TokenManager.use((manager) => manager.replaceGrant(refreshToken)))
  }
}

/**
 * Creates the clients of many customers, each with a grant or a credential of its own. They share one storage and one
 * transport.
 *
 * Throws `CONFIG_INVALID` if an option is wrong. What is wrong with the options of one id is the error of that client's
 * calls. It sends nothing until a client is used.
 *
 * @example
 * ```ts
 * import { createOAuth2Pool } from "@tokenkeep/oauth2"
 *
 * await using crm = createOAuth2Pool({
 *   baseUrl: "https://api.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: () => "s3cr3t-2f6c1d8e" },
 *   grant: (id) => ({ type: "refresh_token", refreshToken: async () => `rt-${id}`, allowVolatile: true })
 * })
 * console.log(crm.client("acme").status().state, crm.size) // => empty 0
 * ```
 */
export const createOAuth2Pool = (options: CreateOAuth2PoolOptions): TokenPool<OAuth2Client> => {
  const resolved = resolvePoolOptions(options, "transport", "storage", "telemetry")
  const { storage = defaultStorage(), transport = defaultTransport } = options
  return createTokenKeepPool({ ...resolved, transport, storage }, PooledOAuth2)
}
