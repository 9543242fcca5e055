import { TokenkeepError } from "@tokenkeep/core"
import type { Profile } from "../profiles/Profile.ts"
import { encryptionKeyOf } from "./encryptionKeyOf.ts"
import { secretPlace } from "./SecretPlace.ts"

// The start of `tokenkeep token` is measured: modules are loaded only if no variable and no reference has the secret.

/** The secret that `tokenkeep login` kept for a profile; rejects with `API_KEY_MISSING` if there is none. */
export const storedSecret = async (profile: Profile): Promise<string | undefined> => {
  const place = await secretPlace(profile)
  if (place === undefined)
    throw missing(`There is no client secret for the profile ${profile.name}.`, namedFix(profile))
  const { findSecret } = await import("./findSecret.ts")
  const { fix, problem, secret } = await findSecret(place, profile)
  if (secret !== undefined) return secret
  throw missing(
    problem === undefined
      ? `There is no ${place.kind} for the profile ${profile.name}.`
      : `There is no usable ${place.kind} for the profile ${profile.name}. ${problem}`,
    fix ?? fixFor(profile) + (problem === undefined ? "" : keyFix(profile))
  )
}

/** Without a keyring, `tokenkeep login` seals a file. */
const keyFix = (profile: Profile): string =>
  encryptionKeyOf(profile) === undefined
    ? " Without a keyring, login needs TOKENKEEP_ENCRYPTION_KEY: set it to the output of `openssl rand -base64 32`, and keep that key."
    : ""

const missing = (what: string, fix: string) => TokenkeepError.of({ _tag: "ApiKeyMissing" }, { what, fix })

/** What to do at the place that the configuration names; empty if it names none. */
const placeOf = ({ settings }: Profile): string => {
  const reference = settings.type === "deeply" ? settings.apiKey : settings.client.secret
  if (reference !== undefined) return "file" in reference ? `Put it into ${reference.file}` : `Set ${reference.env}`
  return settings.type === "deeply" ? "Set DEEPLY_API_KEY" : ""
}

const namedFix = (profile: Profile): string => `${placeOf(profile)}.`

const fixFor = (profile: Profile): string => {
  const place = placeOf(profile)
  return `${place === "" ? "To keep one" : place}, ${place === "" ? "" : "or "}run tokenkeep login --profile ${profile.name}.`
}
