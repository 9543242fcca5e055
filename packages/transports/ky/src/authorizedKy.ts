import { TokenkeepError } from "@tokenkeep/core"
import ky, { type KyInstance, type Options } from "ky"

/**
 * Creates a ky instance whose requests carry the client's token and are repeated after a 401.
 *
 * Paths are resolved against the provider's base URL, unless `options` has its own `prefix` or `baseUrl`. ky's hooks,
 * retries and timeouts work as usual. The token is added beneath ky, so no `Request`, hook or error of ky contains it.
 *
 * A request rejects with `ORIGIN_NOT_ALLOWED` if its URL leaves the client's base URL, and with the error of
 * `client.fetch` if no token could be fetched. Everything else rejects with ky's own errors.
 *
 * @param client The client that adds the token, for example the result of `createDeeply`.
 * @param options ky's options, without `fetch`. Default: none.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { authorizedKy } from "@tokenkeep/transport-ky"
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * const api = authorizedKy(deeply, { retry: 2 })
 * const page = await api.get("api/v1/mics", { searchParams: { size: 1 } }).json<{ readonly size: number }>()
 * console.log(page.size) // => 1
 * ```
 */
export const authorizedKy = (
  client: {
    readonly baseUrl: string
    readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  },
  options: Omit<Options, "fetch"> = {}
): KyInstance => {
  // Without it, ky would send with the platform's fetch, and so without a token.
  if (typeof client?.fetch !== "function") {
    throw TokenkeepError.of(
      { _tag: "ConfigInvalid", option: "client" },
      { what: "The argument client has no fetch.", fix: "Pass the result of createDeeply or createTokenKeep." }
    )
  }
  const hasBase = options.prefix !== undefined || options.baseUrl !== undefined
  return ky.create({ ...(hasBase ? undefined : { prefix: client.baseUrl }), ...options, fetch: client.fetch })
}
