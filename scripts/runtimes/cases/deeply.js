import { providerSubject } from "@tokenkeep/conformance"
import { cloud, deeplyProvider } from "@tokenkeep/deeply"
import { checkLaws } from "./laws.js"

const detail = (message) => ({ detail: { message } })

/** The laws of providers, for Deeply. */
export const suite = () =>
  checkLaws(
    providerSubject({
      title: "Deeply",
      provider: deeplyProvider(cloud),
      issued: { status: 200, body: { access_token: "dt_9f2c61d04b7e83a5" }, token: "dt_9f2c61d04b7e83a5" },
      keyRejected: { status: 401, body: detail("The API key is invalid.") },
      expired: {
        status: 401,
        body: detail("Authentication token expired. Please reissue a new token to renew your session.")
      },
      invalid: { status: 401, body: detail("The authentication token is invalid.") },
      missing: { status: 403, body: detail("The request carries no authentication token.") }
    })
  )
