import type { DeeplyClient } from "@tokenkeep/deeply"
import { authorizedKy } from "@tokenkeep/transport-ky"
import { isHTTPError, type KyInstance } from "ky"

const pathOf = ({ url }: Request): string => new URL(url).pathname

/** A ky instance with timeout, retries and hooks. The client handles a 401 before ky sees the response. */
export const createApi = (deeply: DeeplyClient): KyInstance =>
  authorizedKy(deeply, {
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
      afterResponse: [({ request, response }) => console.log(`${pathOf(request)}: ${response.status}`)]
    }
  })
