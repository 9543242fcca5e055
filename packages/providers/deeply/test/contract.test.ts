import { providerContract } from "@tokenkeep/conformance"
import { testContract } from "@tokenkeep/conformance/vitest"
import { cloud, deeplyProvider, edge } from "@tokenkeep/deeply"

const detail = (message: string, more: object = {}) => ({ detail: { message, ...more } })

for (const host of [
  cloud,
  edge("192.0.2.7"),
  { name: "prefixed", baseUrl: "https://gateway.test/deeply/v2", allowInsecureHttp: false }
]) {
  testContract(
    providerContract({
      name: `Deeply at ${host.baseUrl}`,
      provider: deeplyProvider(host),
      issued: { status: 200, body: { access_token: "dt_9f2c61d04b7e83a5" }, token: "dt_9f2c61d04b7e83a5" },
      keyRejected: { status: 401, body: detail("The API key is invalid.") },
      expired: {
        status: 401,
        body: detail("Authentication token expired. Please reissue a new token to renew your session.")
      },
      invalid: { status: 401, body: detail("The authentication token is invalid.") },
      missing: { status: 403, body: detail("The request carries no authentication token.") },
      limited: {
        status: 429,
        body: detail("Rate limit exceeded. Please try again in 60 seconds.", {
          limit: 1_000,
          remaining: 0,
          reset: 1_640_995_200
        }),
        resetAt: 1_640_995_200_000,
        limit: 1_000,
        remaining: 0
      }
    })
  )
}
