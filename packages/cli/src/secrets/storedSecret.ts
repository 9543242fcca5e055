import { TokenkeepError } from "@tokenkeep/core"
import type { Profile } from "../profiles/Profile.ts"
import { secretPlace } from "./SecretPlace.ts"

// The start of `tokenkeep token` is measured: modules are loaded only if no variable and no reference has the secret.

/** The secret that `tokenkeep login` kept for a profile; rejects with `API_KEY_MISSING` if there is none. */
export const storedSecret = async (profile: Profile): Promise<string | undefined> => {
  const place = await secretPlace(profile)
  if (place === undefined) return undefined
  const { findSecret } = await import("./findSecret.ts")
  const { fix = fixFor(profile), problem, secret } = await findSecret(place, profile)
  if (secret !== undefined) return secret
  throw TokenkeepError.of(
    { _tag: "ApiKeyMissing" },
    {
      what:
        problem === undefined
          ? `There is no ${place.kind} for the profile ${profile.name}.`
          : `There is no usable ${place.kind} for the profile ${profile.name}. ${problem}`,
      fix
    }
  )
}

const fixFor = ({ name, settings }: Profile): string => {
  const reference = settings.type === "deeply" ? settings.apiKey : settings.client.secret
  const variable = reference === undefined ? undefined : "env" in reference ? reference.env : undefined
  const named = variable ?? (settings.type === "deeply" && reference === undefined ? "DEEPLY_API_KEY" : undefined)
  const login = `run tokenkeep login --profile ${name}`
  if (reference !== undefined && "file" in reference) return `Put it into ${reference.file}, or ${login}.`
  return named === undefined ? `To keep one, ${login}.` : `Set ${named}, or ${login}.`
}
