import type { Exchange } from "./sendAuthorized.ts"
import { markWithoutToken } from "./withoutToken.ts"

/** Marks a response and its clones as redirected: core followed the redirects, so the platform does not know. */
const markRedirected = (response: Response): Response => {
  const clone = response.clone.bind(response)
  return Object.defineProperties(response, {
    redirected: { value: true },
    clone: { value: () => markRedirected(clone()) }
  })
}

/** The response as the caller of `fetch` gets it. */
export const toResponse = ({ redirects, request, response }: Exchange): Response => {
  const platform = response.toResponse()
  if (!request.addToken) markWithoutToken(platform)
  return redirects > 0 ? markRedirected(platform) : platform
}
