import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client"
import { type CreateRival, initOf, statusOf } from "../Rival.ts"

/** The fetch wrapper of the README. */
export const create: CreateRival = ({ base, key }) => {
  const client = new OAuth2Client({
    server: base,
    clientId: "app",
    clientSecret: key,
    tokenEndpoint: "/token",
    authenticationMethod: "client_secret_basic"
  })
  const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() })
  return {
    token: () => wrapper.getAccessToken(),
    send: async (path, body) => statusOf(await wrapper.fetch(base + path, initOf(body)))
  }
}
