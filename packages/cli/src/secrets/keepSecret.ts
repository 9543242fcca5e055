import { UsageError } from "../output/UsageError.ts"
import type { Profile } from "../profiles/Profile.ts"
import { encryptionKeyOf } from "./encryptionKeyOf.ts"
import { keyring } from "./keyring.ts"
import { sealedFiles } from "./sealedFiles.ts"
import { shortestKey } from "./sealing.ts"
import type { SecretPlace } from "./SecretPlace.ts"

/** Where a secret can be kept. */
export interface Keeper {
  /** For a message, such as "the keyring". */
  readonly where: string
  readonly keep: (secret: string) => Promise<void>
}

/** How a login or logout that involves the keyring went. */
interface Removed {
  readonly removed: ReadonlyArray<string>
  /** Why the keyring could not be asked. */
  readonly problem?: string | undefined
}

/** Removes a secret from everywhere. */
export const removeSecret = async (place: SecretPlace): Promise<Removed> => {
  const file = sealedFiles.fileOf(place)
  const removed = sealedFiles.remove(place) ? [`the ${place.kind} in ${file}`] : []
  try {
    return { removed: (await keyring.remove(place)) ? [...removed, `the ${place.kind} in the keyring`] : removed }
  } catch (error) {
    return { removed, problem: keyring.reasonOf(error) }
  }
}

const sealedKeeper = (place: SecretPlace, encryptionKey: string): Keeper => {
  if (Buffer.byteLength(encryptionKey) < shortestKey) {
    throw new UsageError(
      `TOKENKEEP_ENCRYPTION_KEY is shorter than ${shortestKey} bytes.`,
      "Generate one with `openssl rand -base64 32`."
    )
  }
  return {
    where: `the sealed file ${sealedFiles.fileOf(place)}`,
    keep: async (secret) => sealedFiles.save(place, encryptionKey, secret)
  }
}

/**
 * Where a secret of a profile is kept: in the keyring, else in a file that is sealed with the encryption key. Throws a
 * usage error if neither is possible.
 */
export const keeperOf = async (place: SecretPlace, profile: Profile): Promise<Keeper> => {
  try {
    await keyring.load(place)
  } catch (error) {
    const encryptionKey = encryptionKeyOf(profile)
    if (encryptionKey !== undefined) return sealedKeeper(place, encryptionKey)
    throw new UsageError(
      `The ${place.kind} cannot be kept: the keyring cannot be used (${keyring.reasonOf(error)}), and there is no TOKENKEEP_ENCRYPTION_KEY.`,
      "Set TOKENKEEP_ENCRYPTION_KEY to the output of `openssl rand -base64 32`, and keep it, or start the keyring."
    )
  }
  return {
    where: "the keyring",
    keep: async (secret) => {
      await keyring.save(place, secret)
      // An older one must not come first.
      sealedFiles.remove(place)
    }
  }
}
