import * as Effect from "effect/Effect"
import type { Provider } from "../ports/Provider.ts"
import type { ApiKey } from "./ApiKey.ts"
import { hex } from "./hex.ts"

/**
 * The name of a credential's record in the storage: a digest of the provider's name parts and the key. Two keys, hosts,
 * scopes or tenants never share a record, and the name reveals nothing about the key. It starts with the major
 * version of the format.
 */
export const recordName = Effect.fnUntraced(function* (
  provider: Pick<Provider["Service"], "name" | "recordName">,
  base: URL,
  key: ApiKey
) {
  const { audience = null, client = null, details, issuer = base.href, scope = null } = provider.recordName ?? {}
  const optional = [client, scope, audience, ...(details === undefined ? [] : [details])]
  const parts = [provider.name, issuer, key.reveal(), ...(optional.every((part) => part === null) ? [] : optional)]
  const digest = yield* Effect.promise(() =>
    crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(parts)))
  )
  return `tokenkeep-1-${hex(digest)}`
})
