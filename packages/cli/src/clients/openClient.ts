import type { CreateTokenKeepOptions, TokenEvent, TokenKeep } from "@tokenkeep/core"
import type { DeeplyClient } from "@tokenkeep/deeply"
import type { OAuth2Client, OAuth2Options } from "@tokenkeep/oauth2"
import type { DeeplySettings, OAuth2Settings } from "../profiles/Config.ts"
import { note } from "../output/note.ts"
import type { Profile } from "../profiles/Profile.ts"
import { referencedSecret, secretSource } from "../secrets/secretSource.ts"
import { storageOf } from "./storageOf.ts"

/** What a command decides about its client; the profile decides the rest. */
export type ClientOptions = Pick<CreateTokenKeepOptions, "onTokenEvent" | "transport" | "replayBodyLimit">

/** The command goes on without its storage, as an application does. The person at the terminal should know. */
const reportStorage =
  (onTokenEvent: ClientOptions["onTokenEvent"]) =>
  (event: TokenEvent): void => {
    if (event.type === "storage-degraded")
      note(`tokenkeep: the token is not shared: the storage failed: ${event.detail}`)
    onTokenEvent?.(event)
  }

const common = async ({ settings }: Profile, { onTokenEvent, replayBodyLimit, transport }: Partial<ClientOptions>) => ({
  storage: await storageOf(settings.storage),
  encryptionKey: referencedSecret(settings.encryptionKey, "TOKENKEEP_ENCRYPTION_KEY"),
  onTokenEvent: reportStorage(onTokenEvent),
  replayBodyLimit,
  transport
})

/** A client of the Deeply API for a profile. */
export const openDeeply = async (
  profile: Profile & { readonly settings: DeeplySettings },
  options: Partial<ClientOptions> = {}
): Promise<DeeplyClient> => {
  const { apiKey, host } = profile.settings
  const { createDeeply } = await import("@tokenkeep/deeply")
  return createDeeply({
    ...(await common(profile, options)),
    host,
    apiKey: secretSource({ reference: apiKey, variable: "DEEPLY_API_KEY", profile: profile.name })
  })
}

/** A private key as a PEM, or as the JSON of a JWK. */
const privateKeyOf = (text: string | undefined) => (text?.trimStart().startsWith("{") ? JSON.parse(text) : text)

const grantOf = ({
  name,
  settings: { grant }
}: Profile & { readonly settings: OAuth2Settings }): OAuth2Options["grant"] => {
  if (grant.type !== "refresh_token") return grant
  const { graceMillis, refreshToken, ...others } = grant
  return { ...others, refreshToken: secretSource({ reference: refreshToken, profile: name }), grace: graceMillis }
}

/** A client of an API with OAuth2 for a profile. */
const openOAuth2 = async (
  profile: Profile & { readonly settings: OAuth2Settings },
  options: Partial<ClientOptions> = {}
): Promise<OAuth2Client> => {
  const { client, encryptionKey: _, grant, storage: __, type: ___, ...settings } = profile.settings
  const { createOAuth2 } = await import("@tokenkeep/oauth2")
  // What login stored is the refresh token of such a grant, and the client's secret otherwise.
  const stored = grant.type === "refresh_token" ? undefined : profile.name
  const { privateKey } = client
  const usesSecret =
    privateKey === undefined && client.method !== "none" && (client.secret !== undefined || stored !== undefined)
  return createOAuth2({
    ...settings,
    ...(await common(profile, options)),
    client: {
      id: client.id,
      method: client.method,
      ...(usesSecret && { secret: secretSource({ reference: client.secret, profile: stored ?? "" }) }),
      ...(privateKey !== undefined && { privateKey: () => privateKeyOf(referencedSecret(privateKey)) })
    },
    grant: grantOf(profile)
  })
}

/** A client for a profile of either kind. */
export const openClient = (profile: Profile, options?: Partial<ClientOptions>): Promise<TokenKeep> =>
  profile.settings.type === "deeply"
    ? openDeeply({ ...profile, settings: profile.settings }, options)
    : openOAuth2({ ...profile, settings: profile.settings }, options)
