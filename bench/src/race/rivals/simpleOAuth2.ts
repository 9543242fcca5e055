import { type AccessToken, ClientCredentials } from "simple-oauth2"
import { type CreateRival, initOf, statusOf } from "../Rival.ts"

/** Seconds before its expiry at which a token counts as expired, as in the README. */
const window = 300

/** "Fetch a new token when it's expired": the README's way for client credentials. */
export const create: CreateRival = ({ base, key }) => {
  const client = new ClientCredentials({
    client: { id: "app", secret: key },
    auth: { tokenHost: base, tokenPath: "/token" }
  })
  let accessToken: AccessToken | undefined
  const token = async () => {
    if (accessToken === undefined || accessToken.expired(window)) accessToken = await client.getToken({})
    return accessToken.token["access_token"] as string
  }
  return {
    token,
    send: async (path, body) =>
      statusOf(await fetch(base + path, initOf(body, { authorization: `Bearer ${await token()}` })))
  }
}
