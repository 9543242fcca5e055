import type { Profile } from "../profiles/Profile.ts"
import { findSecret } from "./findSecret.ts"
import { referenceOrigin } from "./referencedSecret.ts"
import { secretPlace } from "./SecretPlace.ts"

/** Where a profile's secret is from. It never contains the secret. */
export interface SecretOrigin {
  readonly kind: "API key" | "client secret" | "private key" | "none"
  /** `undefined` if there is none. */
  readonly from: string | undefined
  readonly problem?: string | undefined
}

const referenced = ({ settings }: Profile): SecretOrigin => {
  if (settings.type === "deeply") {
    return { kind: "API key", from: referenceOrigin(settings.apiKey, "DEEPLY_API_KEY") }
  }
  const { client } = settings
  if (client.privateKey !== undefined) return { kind: "private key", from: referenceOrigin(client.privateKey) }
  return { kind: "client secret", from: referenceOrigin(client.secret) }
}

/** Where a profile's secret is from: a variable, a file, the keyring, or nowhere. */
export const secretOrigin = async (profile: Profile): Promise<SecretOrigin> => {
  const named = referenced(profile)
  if (named.from !== undefined || named.kind === "private key") return named
  const place = await secretPlace(profile)
  const isNamed = profile.settings.type === "oauth2" && profile.settings.client.secret !== undefined
  if (place === undefined) return isNamed ? named : { kind: "none", from: "not needed" }
  const { from, problem } = await findSecret(place, profile)
  return { kind: place.kind, from, problem }
}
