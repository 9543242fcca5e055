import * as Effect from "effect/Effect"
import type { ApiKey } from "../ApiKey.ts"
import { hex } from "./hex.ts"

/**
 * The name of a credential in a storage: a digest of issuer, key and format, so that two keys, hosts or tenants on one
 * storage never meet (KEY-4), and a name tells nothing about the key. It carries the format's major (STO-4).
 */
export const credentialName = Effect.fnUntraced(function* (provider: string, base: URL, key: ApiKey) {
  const identity = JSON.stringify([provider, base.href, key.reveal()])
  const digest = yield* Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(identity)))
  return `tokenkeep-1-${hex(digest)}`
})
