import { newToken, observeIssue } from "../clients/newToken.ts"
import { openClient, openOAuth2 } from "../clients/openClient.ts"
import { note } from "../output/note.ts"
import { UsageError } from "../output/UsageError.ts"
import { type Profile, type ProfileChoice, selectProfile } from "../profiles/Profile.ts"
import { isOAuth2, type OAuth2Profile, type RefreshGrant, refreshGrantOf } from "../profiles/refreshGrantOf.ts"
import { keeperOf } from "../secrets/keepSecret.ts"
import { readSecret } from "../secrets/readSecret.ts"
import { referencedSecret, referenceOrigin } from "../secrets/referencedSecret.ts"
import { secretPlace } from "../secrets/SecretPlace.ts"

export interface LoginOptions extends ProfileChoice {
  /** `false` keeps the secret without a request to the API. */
  readonly check?: boolean
  /** The client secret of a profile whose grant is a refresh token. */
  readonly clientSecret?: boolean
}

/** Sends a token request with the secret. Its token is stored, as that of every command. */
const checkSecret = async (profile: Profile, secret: string, signal: AbortSignal): Promise<void> => {
  const { isIssued, onTokenEvent } = observeIssue()
  await using keep = await openClient(profile, { secret: () => secret, onTokenEvent })
  try {
    await newToken(keep, isIssued, signal)
  } catch (error) {
    note("Nothing was kept. With --no-check, the secret is kept without a request to the API.")
    throw error
  }
}

const noSecret = ({ name, settings }: Profile) =>
  settings.type === "deeply"
    ? new UsageError(
        `The profile ${name} is for the Deeply API, which has no client secrets.`,
        "Leave out --client-secret."
      )
    : new UsageError(
        `The profile ${name} has no client secret: its client is public, or has a private key.`,
        "Set client.method to client_secret_basic or client_secret_post if the client has a secret."
      )

/** Keeps an API key or a client secret. */
const keepSecret = async (profile: Profile, { check }: LoginOptions, signal: AbortSignal): Promise<void> => {
  const place = await secretPlace(profile)
  if (place === undefined) throw noSecret(profile)
  // Before anything is typed: what cannot be kept is not asked for.
  const keep = await keeperOf(place, profile)
  const { settings } = profile
  const origin =
    settings.type === "deeply"
      ? referenceOrigin(settings.apiKey, "DEEPLY_API_KEY")
      : referenceOrigin(settings.client.secret)
  const secret = await readSecret(place.kind, signal)
  const isChecked = check !== false && refreshGrantOf(profile) === undefined
  if (isChecked) await checkSecret(profile, secret, signal)
  const where = await keep(secret)
  note(
    `The ${place.kind} of the profile ${profile.name} was ${isChecked ? "accepted, and is" : "not checked, and is"} kept in ${where}.`
  )
  if (origin !== undefined) note(`It is not used while the ${origin} has one.`)
}

/** Exchanges the refresh token at once, even if there is a good access token of the consent before. */
const exchange = async (profile: OAuth2Profile, refreshToken: string, check: boolean, signal: AbortSignal) => {
  const { isIssued, onTokenEvent } = observeIssue()
  await using keep = await openOAuth2(profile, { onTokenEvent })
  await keep.replaceGrant(refreshToken)
  if (check) await newToken(keep, isIssued, signal)
}

/** Puts the refresh token of a new consent in place, for all processes that share the profile's storage. */
const replaceGrant = async (
  profile: OAuth2Profile,
  grant: RefreshGrant,
  { check = true }: LoginOptions,
  signal: AbortSignal
): Promise<void> => {
  if (referencedSecret(grant.refreshToken) !== undefined) {
    throw new UsageError(
      `The profile ${profile.name} names a refresh token in its configuration, which could replace this one.`,
      "Remove grant.refreshToken from the configuration."
    )
  }
  const refreshToken = await readSecret("refresh token", signal)
  await exchange(profile, refreshToken, check, signal)
  const checked = check ? " It was exchanged, and is accepted." : ""
  note(`The refresh token is in place for all clients that share the grant ${grant.id}.${checked}`)
}

/** `tokenkeep login`: reads a secret without echo, checks it, and keeps it. */
export const login = async (options: LoginOptions, signal: AbortSignal): Promise<void> => {
  const profile = await selectProfile(options)
  const grant = refreshGrantOf(profile)
  if (options.clientSecret === true && !isOAuth2(profile)) throw noSecret(profile)
  if (options.clientSecret !== true && grant !== undefined && isOAuth2(profile)) {
    return replaceGrant(profile, grant, options, signal)
  }
  return keepSecret(profile, options, signal)
}
