import type { AuthError } from "tokenkeep"

/** What to tell whoever runs the program. The codes are stable; docs/errors.md of the package has a page for each. */
export const advice = (error: AuthError): string => {
  switch (error.code) {
    case "TOKEN_EXPIRED":
      return `${error.code}: a token that was had just now is refused as expired. Compare the clocks, try again later.`
    case "TOKEN_INVALID":
      return `${error.code}: the host does not know its own token. Look at DEEPLY_HOST, and for a proxy.`
    case "TOKEN_MISSING":
      return `${error.code}: the token did not arrive. Something on the way removes the Authorization header.`
    default:
      return `${error.code}: ${error.fix}`
  }
}
