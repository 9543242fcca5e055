import { authorizedKy } from "@tokenkeep/transport-ky"
import { isHTTPError, type KyInstance, type Options } from "ky"

const pathOf = ({ url }: Request): string => new URL(url).pathname

/** ky's own policy, for what fails on the way. What a 401 needs is done before ky sees an answer. */
const options: Options = {
  timeout: 10_000,
  retry: { limit: 2, statusCodes: [502, 503, 504], delay: (attempt) => 100 * attempt },
  hooks: {
    beforeRequest: [({ request }) => request.headers.set("x-app", "ky-client")],
    beforeRetry: [
      ({ error, request, retryCount }) => {
        const reason = isHTTPError(error) ? `status ${error.response.status}` : error.name
        console.log(`${pathOf(request)}: retry ${retryCount} after ${reason}`)
      }
    ],
    afterResponse: [
      ({ request, response }) => {
        if (response.ok) console.log(`${pathOf(request)}: ${response.status}`)
      }
    ]
  }
}

/** An ordinary ky instance for the API of a client. */
export const apiOf = (keep: Parameters<typeof authorizedKy>[0]): KyInstance => authorizedKy(keep, options)
