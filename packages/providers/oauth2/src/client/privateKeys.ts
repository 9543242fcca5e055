import type { ApiKey, ApiKeySource } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { configInvalid } from "../options/configInvalid.ts"
import type { EffectPrivateKeySource } from "../options/OAuth2Options.ts"
import { type ImportedKey, importPrivateKey } from "./importPrivateKey.ts"
import type { PrivateKey } from "./PrivateKey.ts"

/** How many keys are kept: the current ones, and those that were rotated away recently. */
const capacity = 8

const read = (source: EffectPrivateKeySource): Effect.Effect<PrivateKey | undefined, unknown> => {
  if (Effect.isEffect(source)) return source
  if (typeof source !== "function") return Effect.succeed(source)
  // @effect-diagnostics-next-line unknownInEffectCatch:off
  return Effect.tryPromise({ try: async () => source(), catch: (error) => error })
}

/**
 * Private keys as credentials: core stores, compares and shows only the fingerprint of a key. The key itself stays here
 * and signs.
 */
export const privateKeys = () => {
  const imported = new Map<string, ImportedKey>()

  const remember = (key: ImportedKey): string => {
    const [oldest] = imported.keys()
    if (imported.size === capacity && oldest !== undefined && !imported.has(key.fingerprint)) imported.delete(oldest)
    imported.set(key.fingerprint, key)
    return key.fingerprint
  }

  const fingerprint = (key: PrivateKey | undefined): Effect.Effect<string | undefined, unknown> =>
    key === undefined
      ? Effect.undefined
      : // @effect-diagnostics-next-line unknownInEffectCatch:off
        Effect.tryPromise({ try: async () => remember(await importPrivateKey(key)), catch: (error) => error })

  return {
    /** A source of the key's fingerprint. A key that is passed as a value is imported once. */
    sourceOf: (source: EffectPrivateKeySource): ApiKeySource => {
      const key = Effect.flatMap(read(source), fingerprint)
      if (typeof source === "function" || Effect.isEffect(source)) return key
      let once: string | undefined
      return Effect.suspend(() =>
        once === undefined ? Effect.tap(key, (found) => Effect.sync(() => (once = found))) : Effect.succeed(once)
      )
    },
    keyOf: (credential: ApiKey): ImportedKey => {
      const key = imported.get(credential.reveal())
      if (key !== undefined) return key
      throw configInvalid("client.privateKey", "was replaced while it was used", "Try again.")
    }
  }
}
