import { invalidOption } from "../errors/optionChecks.ts"
import type { ProviderGrant } from "../ports/Provider.ts"
import type { Stores } from "../storage/stores.ts"

/** The parts of the storage that a refresh token needs; throws `CONFIG_INVALID` if it may not hold the refresh token. */
export const storageParts = ({ allowVolatile = false }: ProviderGrant, stores: Stores) => {
  const { durable, shared } = stores.capabilities
  const { lease } = stores.primary
  if (stores.exclusive === undefined || lease === undefined) {
    throw invalidOption("storage", "cannot hold a refresh token", "Use FileStorage or RedisStorage.")
  }
  if (!durable && !allowVolatile) {
    const fix = "Use FileStorage or RedisStorage, or set grant.allowVolatile if the refresh token is stored elsewhere."
    throw invalidOption("storage", "forgets the refresh token when the process ends", fix)
  }
  if ((durable || shared) && stores.seals.length === 0) {
    throw invalidOption("encryptionKey", "is missing", "Refresh tokens are always stored encrypted: pass a key.")
  }
  return { exclusive: stores.exclusive, lease }
}
