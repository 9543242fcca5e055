import type { Exchange } from "./sendAuthorized.ts"

/** Marks a response and its clones as redirected: core followed the redirects, so the platform does not know. */
const markRedirected = (response: Response): Response => {
  const clone = response.clone.bind(response)
  return Object.defineProperties(response, {
    redirected: { value: true },
    clone: { value: () => markRedirected(clone()) }
  })
}

/** The response as the caller of `fetch` gets it. */
export const toResponse = ({ redirects, response }: Exchange): Response => {
  const platform = response.toResponse()
  return redirects > 0 ? markRedirected(platform) : platform
}
