import { checkBaseUrl } from "@tokenkeep/core"
import { configInvalid } from "./configInvalid.ts"

const optIn = () => "allowInsecureHttp: true"

/** Checks a URL option; throws `CONFIG_INVALID`, or `INSECURE_ORIGIN` for plain http that is not allowed. */
export const checkUrl = (option: string, value: string | URL, allowInsecureHttp: boolean): URL => {
  checkBaseUrl(String(value), { option, allowInsecureHttp, optIn })
  // Without the slash that a base URL gets: the path of an issuer is a part of its name.
  return new URL(value)
}

/** Checks the URL of an endpoint, which may have a query. */
export const checkEndpoint = (option: string, value: string | URL, allowInsecureHttp: boolean): URL => {
  const [withoutQuery = ""] = String(value).split("?", 1)
  if (String(value).includes("#")) throw configInvalid(option, "has a fragment", "Remove everything from # on.")
  checkBaseUrl(withoutQuery, { option, allowInsecureHttp, optIn })
  return new URL(value)
}
