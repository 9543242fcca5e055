import type { Profile } from "../profiles/Profile.ts"
import { fileProblem } from "../readTextFile.ts"
import { encryptionKeyOf } from "./encryptionKeyOf.ts"
import { keyring } from "./keyring.ts"
import { sealedFiles } from "./sealedFiles.ts"
import type { SecretPlace } from "./SecretPlace.ts"

/** What was found of a secret that `tokenkeep login` may have kept. */
export interface FoundSecret {
  readonly secret?: string | undefined
  /** Where it is. */
  readonly from?: "keyring" | "sealed file" | undefined
  /** Why it might be there and was not found, in a sentence. */
  readonly problem?: string | undefined
  /** What to do about it, if that is known. */
  readonly fix?: string | undefined
}

/** Looks in the sealed file, which is fast to find, and then in the keyring. */
export const findSecret = async (place: SecretPlace, profile: Profile): Promise<FoundSecret> => {
  if (sealedFiles.has(place)) {
    const key = encryptionKeyOf(profile)
    if (key === undefined) {
      const problem = "Its sealed file cannot be opened: TOKENKEEP_ENCRYPTION_KEY is not set."
      return { problem, fix: "Set TOKENKEEP_ENCRYPTION_KEY to the value that it had at the login." }
    }
    let secret: string | undefined
    try {
      secret = sealedFiles.load(place, key)
    } catch (error) {
      const file = sealedFiles.fileOf(place)
      return {
        problem: `Its sealed file ${file} cannot be read: ${fileProblem(error)}.`,
        fix: "Remove it, and run tokenkeep login again."
      }
    }
    return secret === undefined
      ? {
          problem:
            "Its sealed file cannot be opened: TOKENKEEP_ENCRYPTION_KEY has another value, or the file is damaged.",
          fix: `Restore the value that TOKENKEEP_ENCRYPTION_KEY had at the login. If it is lost, run tokenkeep login --profile ${place.profile} again.`
        }
      : { secret, from: "sealed file" }
  }
  try {
    const secret = await keyring.load(place)
    return secret === undefined ? {} : { secret, from: "keyring" }
  } catch (error) {
    return { problem: `The keyring cannot be read: ${keyring.reasonOf(error)}.` }
  }
}
