import { OAuth2Client, OAuth2Fetch, type OAuth2Token } from "@badgateway/oauth2-client"
import type { Rival } from "./Rival.ts"
import type { Tokens } from "./SharedTokens.ts"

const fromStored = ({ access_token, expires_at, refresh_token }: Tokens): OAuth2Token => ({
  accessToken: access_token,
  refreshToken: refresh_token,
  expiresAt: Date.parse(expires_at)
})

const toStored = ({ accessToken, expiresAt, refreshToken }: OAuth2Token): Tokens => ({
  access_token: accessToken,
  refresh_token: refreshToken ?? "",
  expires_at: new Date(expiresAt ?? 0).toISOString()
})

/** @badgateway/oauth2-client: its fetch wrapper, with the functions that store the token. */
export const badgateway: Rival = ({ clientId, clientSecret, grant, issuer, tokens }) => {
  const client = new OAuth2Client({
    server: issuer,
    clientId,
    clientSecret,
    tokenEndpoint: "/token",
    authenticationMethod: "client_secret_basic"
  })
  let wrapper: OAuth2Fetch | undefined
  const create = () =>
    new OAuth2Fetch({
      client,
      // The user has to consent again.
      getNewToken: () => null,
      getStoredToken: () => tokens.load(grant).then(fromStored, () => null),
      storeToken: (token) => void tokens.save(grant, toStored(token)).catch(() => undefined),
      // The next request reads the stored token: that of another process, or of a new consent.
      onError: () => (wrapper = undefined)
    })
  return (url) => (wrapper ??= create()).fetch(url)
}
