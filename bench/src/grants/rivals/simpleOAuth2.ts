import { type AccessToken, AuthorizationCode } from "simple-oauth2"
import { fetchWith, type Rival } from "./Rival.ts"
import { type Tokens } from "./SharedTokens.ts"

/** Seconds before an access token expires at which it counts as expired. */
const window = 0.4

/** simple-oauth2: "the access token is persisted in an external database", and refreshed if it has `expired()`. */
export const simpleOAuth2: Rival = ({ clientId, clientSecret, grant, issuer, tokens }) => {
  const client = new AuthorizationCode({
    client: { id: clientId, secret: clientSecret },
    auth: { tokenHost: issuer, tokenPath: "/token" }
  })
  let accessToken: AccessToken | undefined
  return async (url) => {
    if (accessToken === undefined || accessToken.expired(window)) {
      // Another process may have refreshed it.
      accessToken = client.createToken({ ...(await tokens.load(grant)) })
      if (accessToken.expired(window)) {
        accessToken = await accessToken.refresh()
        await tokens.save(grant, JSON.parse(JSON.stringify(accessToken)) as Tokens)
      }
    }
    return fetchWith(url, String(accessToken.token["access_token"]))
  }
}
