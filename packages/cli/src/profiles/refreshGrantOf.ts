import type { OAuth2Settings, ProfileSettings } from "./Config.ts"
import type { Profile } from "./Profile.ts"

export type RefreshGrant = Extract<OAuth2Settings["grant"], { readonly type: "refresh_token" }>

const isRefresh = (grant: OAuth2Settings["grant"]): grant is RefreshGrant => grant.type === "refresh_token"

/** The grant of a profile that has a refresh token. */
export const refreshGrantOf = ({ settings }: { readonly settings: ProfileSettings }): RefreshGrant | undefined =>
  settings.type === "oauth2" && isRefresh(settings.grant) ? settings.grant : undefined

/** A profile of an API with OAuth2. */
export type OAuth2Profile = Profile & { readonly settings: OAuth2Settings }

export const isOAuth2 = (profile: Profile): profile is OAuth2Profile => profile.settings.type === "oauth2"
