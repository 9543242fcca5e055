import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { headerValues } from "./headers.ts"

/** How API keys are recognised: this client's anywhere, another client's as a word of a header. */
export interface KeyRules {
  readonly own: (value: string) => boolean
  readonly others: (value: string) => boolean
}

const decoded = (base64: string): string => {
  try {
    return atob(base64.replaceAll("-", "+").replaceAll("_", "/"))
  } catch {
    return ""
  }
}

/**
 * The user names and passwords of `Basic` credentials (RFC 7617), which hide a key in base64, wherever they are in a
 * value: a server may accept what is before and after them.
 */
const decodedBasic = (value: string): string =>
  // Tested first: most values have none, and this is on the fast path.
  /basic\s/i.test(value)
    ? Array.from(value.matchAll(/basic\s+([\w+/-]+)/gi), ([, base64 = ""]) => decoded(base64)).join(" ")
    : ""

/** Whether the URL or a header contains an API key by mistake. Bodies are not searched. */
export const carriesKey = (
  { init, url }: { readonly url: string; readonly init: RequestInit },
  keys: KeyRules
): boolean => {
  if (keys.own(url)) return true
  for (const value of headerValues(init.headers)) {
    if (keys.own(value) || keys.others(value)) return true
    const basic = decodedBasic(value)
    if (basic && (keys.own(basic) || keys.others(basic.replaceAll(":", " ")))) return true
  }
  return false
}

export const misusedError = () =>
  TokenkeepError.of(
    { _tag: "CredentialMisused" },
    {
      what: "The request carries a credential, which may go to the token endpoint only.",
      fix: "Remove it from the URL and the headers: the access token is added for you."
    }
  )
