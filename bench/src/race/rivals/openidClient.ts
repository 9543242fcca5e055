import * as client from "openid-client"
import type { CreateRival } from "../Rival.ts"

/** The library requests tokens and sends requests. The cached token is a variable of the user. */
export const create: CreateRival = ({ base, key }) => {
  const config = new client.Configuration({ issuer: base, token_endpoint: `${base}/token` }, "app", key)
  client.allowInsecureRequests(config)
  let current: (client.TokenEndpointResponse & client.TokenEndpointResponseHelpers) | undefined
  const token = async () => {
    if (current === undefined || (current.expiresIn() ?? 0) < 60) current = await client.clientCredentialsGrant(config)
    return current.access_token
  }
  return {
    token,
    send: async (path, body) => {
      const headers = new Headers(body === undefined ? {} : { "content-type": "application/json" })
      const method = body === undefined ? "GET" : "POST"
      const url = new URL(path, base)
      const response = await client.fetchProtectedResource(config, await token(), url, method, body, headers)
      await response.text()
      return response.status
    }
  }
}
