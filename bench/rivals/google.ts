import { OAuth2Client } from "google-auth-library"
import type { CreateRival } from "../src/race/Rival.ts"

/** A client with a refresh token, which shares its token requests, and the option that renews a token after a 401. */
export const create: CreateRival = ({ base, key }) => {
  const client = new OAuth2Client({
    clientId: "app",
    clientSecret: key,
    endpoints: { oauth2TokenUrl: `${base}/token` },
    forceRefreshOnFailure: true
  })
  client.setCredentials({ refresh_token: key })
  return {
    token: () => client.getAccessToken(),
    send: async (path, body) => {
      const response = await client.request({
        url: base + path,
        responseType: "text",
        ...(body === undefined ? {} : { method: "POST", body, headers: { "content-type": "application/json" } })
      })
      return response.status
    }
  }
}
