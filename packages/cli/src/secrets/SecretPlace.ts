import type { Profile } from "../profiles/Profile.ts"

/**
 * Where a secret belongs: it is found only for the profile of this name, and only if it is sent to the same servers. A
 * configuration in another folder that uses the name for other servers does not get it.
 */
export interface SecretPlace {
  readonly profile: string
  readonly kind: "API key" | "client secret"
  /** The servers that get the secret, or a token that it was exchanged for. */
  readonly servers: ReadonlyArray<string>
}

/** The kind of secret that `tokenkeep login` keeps for a profile; a refresh token is kept in the profile's storage. */
export const keptKind = ({ settings }: Pick<Profile, "settings">): SecretPlace["kind"] | undefined => {
  if (settings.type === "deeply") return "API key"
  const { client, grant } = settings
  if (client.privateKey !== undefined || client.method === "none") return undefined
  // Without a method, such a client is a public one, unless the file names its secret.
  const isPublic = grant.type === "refresh_token" && client.method === undefined
  return isPublic ? undefined : "client secret"
}

const normalized = (url: string): string => (URL.canParse(url) ? new URL(url).href : url)

/** The place of a profile's secret, if `tokenkeep login` can keep one. */
export const secretPlace = async (profile: Profile): Promise<SecretPlace | undefined> => {
  const { name, settings } = profile
  const kind = keptKind(profile)
  if (kind === undefined) return undefined
  if (settings.type === "deeply") {
    const { hostOf } = await import("@tokenkeep/deeply")
    return { profile: name, kind, servers: [normalized(hostOf(settings.host).baseUrl)] }
  }
  const { baseUrl, issuer, tokenEndpoint } = settings
  return { profile: name, kind, servers: [baseUrl, issuer ?? "-", tokenEndpoint ?? "-"].map(normalized) }
}

/** One line for a place. No two places have the same one: a URL has no space, and each kind has a fixed number of them. */
export const placeName = ({ kind, profile, servers }: SecretPlace): string => [profile, kind, ...servers].join(" ")
