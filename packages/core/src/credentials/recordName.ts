import * as Effect from "effect/Effect"
import type { Provider } from "../ports/Provider.ts"
import type { ApiKey } from "./ApiKey.ts"
import { hex } from "./hex.ts"

const digestOf = (parts: string) =>
  Effect.map(
    Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts))),
    (digest) => `tokenkeep-1-${hex(digest)}`
  )

/**
 * The names of one credential's records in the storage: a digest of the provider's name parts and the key. Two keys,
 * hosts, scopes or tenants never share a record, and the name reveals nothing about the key. It starts with the major
 * version of the format. The last name is kept: a digest waits for the event loop, which in a burst of 401 responses
 * handles all of them first.
 */
export const recordNames = (provider: Pick<Provider["Service"], "name" | "recordName">, base: URL) => {
  let last = { parts: "", name: "" }
  return (key: ApiKey): Effect.Effect<string> =>
    Effect.suspend(() => {
      const { audience = null, client = null, details, issuer = base.href, scope = null } = provider.recordName ?? {}
      const optional = [client, scope, audience, ...(details === undefined ? [] : [details])]
      const given = optional.every((part) => part === null) ? [] : optional
      const parts = JSON.stringify([provider.name, issuer, key.reveal(), ...given])
      // In a microtask: a renewal must not end, or use the storage, within the call that begins it.
      if (parts === last.parts) return Effect.promise(async () => last.name)
      return Effect.map(digestOf(parts), (name) => {
        last = { parts, name }
        return name
      })
    })
}

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
    return digestOf(
      JSON.stringify(["grant", provider.name, issuer, client, scope, audience, details, provider.grant?.id])
    )
  })
