import { UsageError } from "../output/UsageError.ts"
import type { Profile } from "../profiles/Profile.ts"
import { encryptionKeyOf } from "./encryptionKeyOf.ts"
import type { FoundSecret } from "./findSecret.ts"
import { keyring } from "./keyring.ts"
import { sealedFiles } from "./sealedFiles.ts"
import { shortestKey } from "./sealing.ts"
import type { SecretPlace } from "./SecretPlace.ts"

/**
 * Removes a secret from everywhere, and returns what was removed, for a message. Rejects if it was found in the keyring, and
 * cannot be removed from there.
 */
export const removeSecret = async (place: SecretPlace, from: FoundSecret["from"]): Promise<ReadonlyArray<string>> => {
  const removal = keyring.remove(place)
  const wasInKeyring = await (from === "keyring" ? removal : removal.catch(() => false))
  const wasInFile = sealedFiles.remove(place)
  return [
    ...(wasInFile ? [`the ${place.kind} in ${sealedFiles.fileOf(place)}`] : []),
    ...(wasInKeyring ? [`the ${place.kind} in the keyring`] : [])
  ]
}

/** Why the keyring cannot be used; `undefined` if it can. */
const problemOf = (use: Promise<unknown>): Promise<string | undefined> => use.then(() => undefined, keyring.reasonOf)

const refusal = ({ kind }: SecretPlace, problem: string) =>
  new UsageError(
    `The ${kind} cannot be kept: the keyring cannot be used (${problem}), and TOKENKEEP_ENCRYPTION_KEY is not set.`,
    "Start the keyring. Or set TOKENKEEP_ENCRYPTION_KEY to the output of `openssl rand -base64 32`, and keep that key."
  )

/** Throws a usage error if there is no key, or none that is long enough. */
const checkedKey = (place: SecretPlace, profile: Profile, problem: string): string => {
  const encryptionKey = encryptionKeyOf(profile)
  if (encryptionKey === undefined) throw refusal(place, problem)
  if (Buffer.byteLength(encryptionKey) >= shortestKey) return encryptionKey
  throw new UsageError(
    `TOKENKEEP_ENCRYPTION_KEY is shorter than ${shortestKey} bytes.`,
    "Generate one with `openssl rand -base64 32`."
  )
}

/**
 * Finds out where a secret of a profile can be kept: in the keyring, else in a file that is sealed with the encryption key.
 * Throws a usage error if neither is possible.
 *
 * @returns a function that keeps it, and returns where that is.
 */
export const keeperOf = async (place: SecretPlace, profile: Profile): Promise<(secret: string) => Promise<string>> => {
  const problem = await problemOf(keyring.load(place))
  if (problem !== undefined) checkedKey(place, profile, problem)
  return async (secret) => {
    // A keyring may refuse what is too long for it.
    const failure = problem ?? (await problemOf(keyring.save(place, secret)))
    if (failure !== undefined) {
      sealedFiles.save(place, checkedKey(place, profile, failure), secret)
      return `the sealed file ${sealedFiles.fileOf(place)}`
    }
    // An older one would come first.
    sealedFiles.remove(place)
    return "the keyring"
  }
}
