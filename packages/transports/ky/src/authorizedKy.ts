import type { TokenKeep } from "@tokenkeep/core"
import ky, { type KyInstance, type Options } from "ky"

/**
 * An ordinary ky instance whose every request is authorized, and repeated once after a 401 (REQ-1).
 *
 * Paths lead below the provider's base URL, unless `options` has a `prefix` or `baseUrl` of its own. ky's hooks, retries
 * and timeouts work as they always do. The token is put on beneath ky: no `Request`, hook or error of ky's ever holds it.
 *
 * @param options ky's options, without `fetch`.
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
  keep: Pick<TokenKeep, "baseUrl" | "fetch">,
  options: Omit<Options, "fetch"> = {}
): KyInstance => {
  const isPlaced = options.prefix !== undefined || options.baseUrl !== undefined
  return ky.create({ ...(isPlaced ? undefined : { prefix: keep.baseUrl }), ...options, fetch: keep.fetch })
}
