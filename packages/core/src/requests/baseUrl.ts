import { invalidOption, ofType } from "../errors/optionChecks.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { Provider } from "../ports/Provider.ts"

let port = 0

/**
 * Ports that fetch refuses to connect to: https://fetch.spec.whatwg.org/#port-blocking. Each is its distance from the one
 * before, which takes half the bytes; a test has the list.
 */
const blockedPorts = new Set(
  (
    "0 1 6 2 2 2 2 2 2 1 1 1 1 2 12 5 1 10 16 8 2 8 8 6 1 1 1 5 1 1 2 2 2 2 4 12 2 2 4 18 18 210 38 38 47 1 1 1 11 4 1 1 8 " +
    "8 6 2 7 24 14 35 353 1 3 2 724 1 3 326 1610 386 145 870 1 939 566 99 1 1 1 1 10 18 3383"
  )
    .split(" ")
    .map((step) => String((port += Number(step))))
)

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname)

/**
 * Checks a base URL and normalizes it to an origin and a path prefix that ends in a slash. Throws `CONFIG_INVALID` with
 * the option's name, or `INSECURE_ORIGIN` for plain http that was not allowed.
 *
 * @param options.option The option's name in the message.
 * @param options.allowInsecureHttp Whether plain http to this host is allowed; to this machine it always is.
 * @param options.optIn What to write to allow plain http to this host, for the message.
 * @param options.forms What to write in place of a value that is no http URL, for the message.
 *
 * @example
 * ```ts
 * import { checkBaseUrl } from "@tokenkeep/core"
 *
 * const { href } = checkBaseUrl("HTTPS://API.example.test/v2", { option: "host", allowInsecureHttp: false })
 * console.log(href) // => https://api.example.test/v2/
 * ```
 */
export const checkBaseUrl = (
  baseUrl: string,
  options: {
    readonly option: string
    readonly allowInsecureHttp: boolean
    readonly optIn?: ((url: URL) => string) | undefined
    readonly forms?: string | undefined
  }
): URL => {
  const { forms = "Use an absolute https URL, such as https://api.example.com.", option } = options
  ofType("boolean")(`${option}.allowInsecureHttp`, options.allowInsecureHttp)
  if (typeof baseUrl !== "string" || !URL.canParse(baseUrl)) throw invalidOption(option, "is not a URL", forms)
  const url = new URL(baseUrl)
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw invalidOption(option, `uses ${url.protocol}, not http`, forms)
  }
  if (url.username !== "" || url.password !== "") {
    throw invalidOption(option, "has a user name or password in it", "Remove them from the URL.")
  }
  if (baseUrl.includes("?") || baseUrl.includes("#")) {
    throw invalidOption(option, "has a query or a fragment", "Remove everything after the path.")
  }
  if (blockedPorts.has(url.port)) {
    throw invalidOption(option, `uses port ${url.port}, which fetch refuses to connect to`, "Use another port.")
  }
  if (url.protocol === "http:" && !options.allowInsecureHttp && !isLoopback(url.hostname)) {
    throw TokenkeepError.of(
      { _tag: "InsecureOrigin", origin: url.origin },
      {
        what: `${url.origin} is plain http: everyone on the network path could read the credentials.`,
        fix: `Use https, or allow plain http to this host: ${options.optIn?.(url) ?? "allowInsecureHttp: true in the provider"}.`
      }
    )
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/"
  return url
}

/** Checks where a provider's credential may go; throws `CONFIG_INVALID` or `INSECURE_ORIGIN`. */
export const checkTokenOrigins = (
  { allowInsecureHttp }: Pick<Provider["Service"], "allowInsecureHttp">,
  urls: ReadonlyArray<string>
): ReadonlyArray<URL> => {
  const option = "provider.tokenOrigins"
  if (urls.length === 0) {
    throw invalidOption(option, "is empty", "Name an origin, or omit it for the base URL.")
  }
  return urls.map((url) => checkBaseUrl(url, { option, allowInsecureHttp }))
}
