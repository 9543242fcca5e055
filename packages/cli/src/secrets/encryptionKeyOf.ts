import type { Profile } from "../profiles/Profile.ts"
import { referencedSecret } from "./referencedSecret.ts"

/** The key that encrypts what a profile stores. */
export const encryptionKeyOf = ({ settings }: Pick<Profile, "settings">): string | undefined =>
  referencedSecret(settings.encryptionKey, "TOKENKEEP_ENCRYPTION_KEY")
