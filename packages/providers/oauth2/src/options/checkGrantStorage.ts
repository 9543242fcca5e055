import type { TokenKeepOptions } from "@tokenkeep/core"
import { configInvalid } from "./configInvalid.ts"

/** Throws `CONFIG_INVALID` if there is a refresh token, and no storage that may hold it. */
export const checkGrantStorage = ({ encryptionKey, provider }: TokenKeepOptions, hasStorage: boolean): void => {
  const { grant } = provider
  if (grant === undefined || grant.allowVolatile === true) return
  if (!hasStorage) {
    throw configInvalid(
      "storage",
      "is missing, and the memory forgets the refresh token when the process ends",
      "Pass FileStorage or RedisStorage, or set grant.allowVolatile if the refresh token is stored elsewhere."
    )
  }
  if (encryptionKey === undefined) {
    throw configInvalid("encryptionKey", "is missing", "Refresh tokens are always stored encrypted: pass a key.")
  }
}
