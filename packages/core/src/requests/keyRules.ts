import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { headerValues } from "./headers.ts"

/** How API keys are recognised: this client's anywhere, another client's as a word of a header. */
export interface KeyRules {
  readonly own: (value: string) => boolean
  readonly others: (value: string) => boolean
}

/** The user name and password of a `Basic` header (RFC 7617), which hides a key in base64. */
const decodedBasic = (value: string): string => {
  const [, encoded] = /^basic\s+([\w+/=-]+)$/i.exec(value) ?? []
  if (encoded === undefined) return ""
  try {
    return atob(encoded)
  } catch {
    return ""
  }
}

/** Whether the URL or a header contains an API key by mistake. Bodies are not searched. */
export const carriesKey = (
  { init, url }: { readonly url: string; readonly init: RequestInit },
  keys: KeyRules
): boolean => {
  if (keys.own(url)) return true
  for (const value of headerValues(init.headers)) {
    if (keys.own(value) || keys.others(value)) return true
    const basic = decodedBasic(value)
    if (basic !== "" && (keys.own(basic) || keys.others(basic.replaceAll(":", " ")))) return true
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
