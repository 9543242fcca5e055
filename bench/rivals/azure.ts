import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient
} from "@azure/core-rest-pipeline"
import { type CreateRival, requestToken } from "../src/race/Rival.ts"

/** The policy refuses plain HTTP, so the URL says https until it has run. */
const secure = (url: string) => url.replace("http:", "https:")
const http = createDefaultHttpClient()
const plainHttp: HttpClient = {
  sendRequest: (request) => {
    request.url = request.url.replace("https:", "http:")
    request.allowInsecureConnection = true
    return http.sendRequest(request)
  }
}
/** For the cost of the token alone, which only the policy can read. */
const noHttp: HttpClient = {
  sendRequest: async (request) => ({ request, status: 200, headers: createHttpHeaders() })
}

/** The policy with a credential. A callback, written by hand, renews the token after a 401. */
export const create: CreateRival = (options) => {
  const pipeline = createEmptyPipeline()
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({
      scopes: "api",
      credential: {
        getToken: async () => {
          const { expiresAt, token } = await requestToken(options)
          return { token, expiresOnTimestamp: expiresAt }
        }
      },
      challengeCallbacks: {
        authorizeRequestOnChallenge: async ({ getAccessToken, request, scopes }) => {
          const token = await getAccessToken(scopes, { claims: "revoked" })
          if (token === null) return false
          request.headers.set("Authorization", `Bearer ${token.token}`)
          return true
        }
      }
    })
  )
  const cached = createPipelineRequest({ url: "https://api.test" })
  return {
    token: () => pipeline.sendRequest(noHttp, cached),
    send: async (path, body) => {
      const request = createPipelineRequest({
        url: secure(options.base + path),
        method: body === undefined ? "GET" : "POST",
        ...(body === undefined ? {} : { body, headers: createHttpHeaders({ "content-type": "application/json" }) })
      })
      return (await pipeline.sendRequest(plainHttp, request)).status
    }
  }
}
