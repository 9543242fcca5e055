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

/** Reads a secret before every token request, so that a rotated one is used without a restart. */
export const secretSource =
  ({ profile, reference, variable }: SecretPlaces) =>
  async (): Promise<string | undefined> =>
    referencedSecret(reference, variable) ?? storedSecret(profile)
