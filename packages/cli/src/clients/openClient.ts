import { type CreateTokenKeepOptions, type TokenEvent, TokenkeepError, type TokenKeep } from "@tokenkeep/core"
import type { DeeplyClient } from "@tokenkeep/deeply"
import type { OAuth2Client, OAuth2Options } from "@tokenkeep/oauth2"
import type { DeeplySettings, OAuth2Settings } from "../profiles/Config.ts"
import { note } from "../output/note.ts"
import type { Profile } from "../profiles/Profile.ts"
import { encryptionKeyOf } from "../secrets/encryptionKeyOf.ts"
import { referencedSecret } from "../secrets/referencedSecret.ts"
import { keptKind } from "../secrets/SecretPlace.ts"
import { secretSource } from "../secrets/secretSource.ts"
import { storageOf } from "./storageOf.ts"

/** What a command decides about its client; the profile decides the rest. */
export interface ClientOptions extends Pick<
  CreateTokenKeepOptions,
  "onTokenEvent" | "transport" | "replayBodyLimit" | "storageFailure"
> {
  /** In place of the profile's storage. */
  readonly storage: CreateTokenKeepOptions["storage"] | undefined
  /** In place of the profile's API key or client secret. */
  readonly secret: (() => string) | undefined
}

/** The command goes on without its storage, as an application does. The person at the terminal should know. */
const reportStorage =
  (onTokenEvent: ClientOptions["onTokenEvent"]) =>
  (event: TokenEvent): void => {
    if (event.type === "storage-degraded")
      note(`tokenkeep: the storage failed, so the token is not shared: ${event.detail}`)
    onTokenEvent?.(event)
  }

const common = async (profile: Profile, options: Partial<ClientOptions>) => ({
  encryptionKey: encryptionKeyOf(profile),
  onTokenEvent: options.storage === undefined ? reportStorage(options.onTokenEvent) : options.onTokenEvent,
  replayBodyLimit: options.replayBodyLimit,
  storage: options.storage ?? (await storageOf(profile.settings.storage)),
  storageFailure: options.storageFailure,
  transport: options.transport
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
    apiKey: options.secret ?? (await secretSource({ reference: apiKey, variable: "DEEPLY_API_KEY", profile }))
  })
}

/** A private key as a PEM, or as the JSON of a JWK. */
const privateKeyOf = (text: string | undefined) => {
  if (text?.trimStart().startsWith("{") !== true) return text
  try {
    return JSON.parse(text)
  } catch {
    // The error of the parser quotes the key.
    throw TokenkeepError.of(
      { _tag: "ApiKeyMalformed" },
      { what: "The private key starts with a brace, but is not JSON.", fix: "Use a JWK or a PEM (PKCS #8)." }
    )
  }
}

const grantOf = ({ grant }: OAuth2Settings): OAuth2Options["grant"] => {
  if (grant.type !== "refresh_token") return grant
  const { graceMillis, refreshToken, ...others } = grant
  return { ...others, refreshToken: () => referencedSecret(refreshToken), grace: graceMillis }
}

/** A client of an API with OAuth2 for a profile. */
export const openOAuth2 = async (
  profile: Profile & { readonly settings: OAuth2Settings },
  options: Partial<ClientOptions> = {}
): Promise<OAuth2Client> => {
  const { client, encryptionKey: _, grant: __, storage: ___, type: ____, ...settings } = profile.settings
  const { createOAuth2 } = await import("@tokenkeep/oauth2")
  const { privateKey, secret } = client
  const isNamed = secret !== undefined && privateKey === undefined && client.method !== "none"
  const usesSecret = isNamed || keptKind(profile) !== undefined
  return createOAuth2({
    ...settings,
    ...(await common(profile, options)),
    client: {
      id: client.id,
      method: client.method,
      ...(usesSecret && { secret: options.secret ?? (await secretSource({ reference: secret, profile })) }),
      ...(privateKey !== undefined && { privateKey: () => privateKeyOf(referencedSecret(privateKey)) })
    },
    grant: grantOf(profile.settings)
  })
}

/** A client for a profile of either kind. */
export const openClient = async (profile: Profile, options?: Partial<ClientOptions>): Promise<TokenKeep> => {
  const { settings } = profile
  return settings.type === "deeply"
    ? openDeeply({ ...profile, settings }, options)
    : openOAuth2({ ...profile, settings }, options)
}
