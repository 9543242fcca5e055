import { checkBaseUrl, checkOptions, readEnvironment, TokenkeepError } from "@tokenkeep/core"

/**
 * The address of a Deeply API.
 *
 * @example
 * ```ts
 * import { cloud, type Host } from "@tokenkeep/deeply"
 *
 * const host: Host = cloud
 * console.log(host.baseUrl) // => https://openapi.deeplyinc.com
 * ```
 */
export interface Host {
  /** A name for logs and messages. */
  readonly name: string
  /** An absolute URL; a path in it is put in front of the path of every request. */
  readonly baseUrl: string
  /** Whether plain HTTP to this host is allowed; HTTP to this machine always is. */
  readonly allowInsecureHttp: boolean
}

/**
 * The public cloud, https://openapi.deeplyinc.com.
 *
 * @example
 * ```ts
 * import { cloud, createDeeply } from "@tokenkeep/deeply"
 *
 * await using deeply = createDeeply({ host: cloud, apiKey: "sk-live-2f6c1d" })
 * console.log(deeply.status().state) // => empty
 * ```
 */
export const cloud: Host = { name: "cloud", baseUrl: "https://openapi.deeplyinc.com", allowInsecureHttp: false }

/** The port of an edge server by default. */
const edgePort = 8100

const invalidHost = (what: string, fix: string) =>
  TokenkeepError.of({ _tag: "ConfigInvalid", option: "host" }, { what, fix })

const invalidAddress = () =>
  invalidHost(
    "The address of the edge server is not a host name or an IP address.",
    'Pass it without scheme and path, such as edge("192.168.0.10", 9000) or "edge:192.168.0.10:9000".'
  )

/** Adds the brackets that an IPv6 address needs in a URL. */
const bracketed = (address: string): string =>
  address.includes(":") && !address.startsWith("[") ? `[${address}]` : address

/**
 * Returns the host of an edge server on the local network. Edge servers use plain HTTP, so calling this function allows
 * plain HTTP to that host.
 *
 * Throws `CONFIG_INVALID` for an invalid address or port.
 *
 * @param address A host name or an IP address, without scheme and port.
 * @param port A TCP port; default 8100.
 *
 * @example
 * ```ts
 * import { edge } from "@tokenkeep/deeply"
 *
 * console.log(edge("192.0.2.7").baseUrl) // => http://192.0.2.7:8100
 * ```
 */
export const edge = (address: string, port: number = edgePort): Host => {
  const name = typeof address === "string" ? address.trim() : ""
  if (name === "" || /[\s/\\@?#%]/.test(name)) throw invalidAddress()
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalidHost(
      `The port of the edge server is ${port}, which is not a whole number from 1 to 65535.`,
      `Pass the port of the server, or leave it out for ${edgePort}.`
    )
  }
  const baseUrl = `http://${bracketed(name)}:${port}`
  if (!URL.canParse(baseUrl)) throw invalidAddress()
  checkBaseUrl(baseUrl, { option: "host", allowInsecureHttp: true })
  return { name: "edge", baseUrl, allowInsecureHttp: true }
}

/** Parses `edge:ADDRESS[:PORT]`; an IPv6 address with a port needs brackets. */
const parseEdge = (text: string): Host => {
  const rest = text.slice("edge:".length).trim()
  const withPort = /^(\[[^\]]*\]|[^:[\]]*):(\d+)$/.exec(rest)
  return withPort === null ? edge(rest) : edge(withPort[1] ?? "", Number(withPort[2]))
}

/** The values that allow plain HTTP to a URL, for the message of `INSECURE_ORIGIN`. */
const insecureHostAdvice = (url: URL): string => {
  // The message does not repeat a path: it might contain a secret.
  if (url.pathname !== "/") return '{ name: "edge", baseUrl: host, allowInsecureHttp: true }, with this URL as host'
  const port = url.port === "" ? 80 : Number(url.port)
  const [argument, suffix] = port === edgePort ? ["", ""] : [`, ${port}`, `:${port}`]
  return `edge("${url.hostname}"${argument}), or the string "edge:${url.hostname}${suffix}"`
}

/**
 * Converts any form of the `host` option to a checked {@link Host}: a `Host`, a URL, or a string that is a URL,
 * `"cloud"` or `"edge:ADDRESS[:PORT]"`.
 *
 * Throws `CONFIG_INVALID` for any other value, and `INSECURE_ORIGIN` for plain HTTP to another machine unless {@link edge}
 * or the `Host` allows it.
 *
 * @param host The option; default the environment variable `DEEPLY_HOST`, else {@link cloud}.
 *
 * @example
 * ```ts
 * import { hostOf, isTokenkeepError } from "@tokenkeep/deeply"
 *
 * console.log(hostOf("edge:192.0.2.7").baseUrl) // => http://192.0.2.7:8100
 * try {
 *   hostOf("http://192.0.2.7:8100")
 * } catch (error) {
 *   console.log(isTokenkeepError(error) && error.code) // => INSECURE_ORIGIN
 * }
 * ```
 */
export const hostOf = (host?: Host | string | URL): Host => {
  if (host === undefined) return parseHost(readEnvironment("DEEPLY_HOST") || "cloud", "host, from DEEPLY_HOST,")
  if (typeof host === "string") return parseHost(host)
  if (host instanceof URL) return customHost(host.href)
  if (typeof host !== "object" || host === null || typeof host.baseUrl !== "string") {
    throw invalidHost("The option host is neither a URL nor an object with a baseUrl.", forms)
  }
  checkOptions(host, {}, "host", ["name", "baseUrl", "allowInsecureHttp"])
  checkHost(host.baseUrl, host.allowInsecureHttp)
  return host
}

const parseHost = (host: string, option?: string): Host => {
  const text = host.trim()
  if (text === "cloud") return cloud
  return /^edge:/i.test(text) ? parseEdge(text) : customHost(text, option)
}

const forms = 'Use "cloud", "edge:ADDRESS[:PORT]" or an https URL.'

const checkHost = (baseUrl: string, allowInsecureHttp: boolean, option = "host"): URL => {
  const url = checkBaseUrl(baseUrl, { option, allowInsecureHttp, optIn: insecureHostAdvice, forms })
  // The token endpoint would not be found, or a 401 would look like a rejected key.
  if (!/\/api\/v1\//.test(url.pathname)) return url
  throw invalidHost("The host contains /api/v1, which is added to it.", "Remove it and what follows.")
}

/** Normalizes the URL, so that the same host always has the same base URL. */
const customHost = (url: string, option?: string): Host => {
  const { href } = checkHost(url, false, option)
  return { name: "custom", baseUrl: href.replace(/\/$/, ""), allowInsecureHttp: false }
}
