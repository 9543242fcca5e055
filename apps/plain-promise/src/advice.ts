import type { TokenkeepError } from "tokenkeep"

/** What the user of the program should do. Codes are stable; docs/errors.md in the package explains each one. */
export const advice = (error: TokenkeepError): string => {
  switch (error.code) {
    case "TOKEN_EXPIRED":
      return `${error.code}: the API says that a new token has expired. Check the server's clock and try again later.`
    case "TOKEN_INVALID":
      return `${error.code}: the API does not accept its own token. Check DEEPLY_HOST.`
    case "TOKEN_MISSING":
      return `${error.code}: the API received no token. Look for a proxy that removes the Authorization header.`
    default:
      return `${error.code}: ${error.fix}`
  }
}
