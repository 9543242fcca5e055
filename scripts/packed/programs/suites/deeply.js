import { providerContract } from "@tokenkeep/conformance"
import { cloud, deeplyProvider } from "@tokenkeep/deeply"
import { checkContract } from "./contract.js"

const refusal = (status, message) => ({ status, body: { detail: { message } } })

export const deeply = () =>
  checkContract(
    providerContract({
      name: "Deeply",
      provider: deeplyProvider(cloud),
      issued: { status: 200, body: { access_token: "dt_9f2c61d04b7e83a5" }, token: "dt_9f2c61d04b7e83a5" },
      keyRejected: refusal(401, "The API key is invalid."),
      expired: refusal(401, "Authentication token expired. Please reissue a new token to renew your session."),
      invalid: refusal(401, "The authentication token is invalid."),
      missing: refusal(403, "The request carries no authentication token.")
    })
  )
