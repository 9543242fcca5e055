import type { SecretReference } from "../profiles/Config.ts"
import type { Profile } from "../profiles/Profile.ts"
import { referencedSecret } from "./referencedSecret.ts"
import { storedSecret } from "./storedSecret.ts"

/** Where a secret of a profile is looked for. */
export interface SecretPlaces {
  readonly reference?: SecretReference | undefined
  /** The variable that is read without a reference. */
  readonly variable?: string | undefined
  /** The profile for which `tokenkeep login` kept it; a reference or variable comes first. */
  readonly profile: Profile
}

/**
 * Reads a secret before every token request, so that a rotated one is used without a restart. A kept one is read once before
 * the client is made: a locked keyring waits for a person, and a client waits for its source for 5 s only.
 */
export const secretSource = async ({
  profile,
  reference,
  variable
}: SecretPlaces): Promise<() => Promise<string | undefined>> => {
  const isNamed = referencedSecret(reference, variable) !== undefined
  let [first] = isNamed ? [] : await Promise.allSettled([storedSecret(profile)])
  return async () => {
    const named = referencedSecret(reference, variable)
    if (named !== undefined) return named
    const read = first
    first = undefined
    if (read?.status === "rejected") throw read.reason
    return read === undefined ? storedSecret(profile) : read.value
  }
}
