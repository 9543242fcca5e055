import * as Effect from "effect/Effect"
import type { Provider } from "../ports/Provider.ts"
import type { ApiKey } from "./ApiKey.ts"
import { hex } from "./hex.ts"

const digestOf = (parts: ReadonlyArray<unknown>) =>
  Effect.map(
    Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(parts)))),
    (digest) => `tokenkeep-1-${hex(digest)}`
  )

/**
 * The name of a credential's record in the storage: a digest of the provider's name parts and the key. Two keys, hosts,
 * scopes or tenants never share a record, and the name reveals nothing about the key. It starts with the major
 * version of the format.
 */
export const recordName = (provider: Pick<Provider["Service"], "name" | "recordName">, base: URL, key: ApiKey) =>
  Effect.suspend(() => {
    const { audience = null, client = null, details, issuer = base.href, scope = null } = provider.recordName ?? {}
    const optional = [client, scope, audience, ...(details === undefined ? [] : [details])]
    return digestOf([provider.name, issuer, key.reveal(), ...(optional.every((part) => part === null) ? [] : optional)])
  })

/** The name of a grant's records: it stays when the client's credential or the encryption key is replaced. */
export const grantName = (provider: Pick<Provider["Service"], "name" | "recordName" | "grant">, base: URL) =>
  Effect.suspend(() => {
    const {
      audience = null,
      client = null,
      details = null,
      issuer = base.href,
      scope = null
    } = provider.recordName ?? {}
    return digestOf(["grant", provider.name, issuer, client, scope, audience, details, provider.grant?.id])
  })
