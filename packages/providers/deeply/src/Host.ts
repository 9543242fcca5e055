import { AuthError, checkBaseUrl, readEnvironment } from "@tokenkeep/core"

/**
 * Where a Deeply API is.
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
  readonly name: string
  /** Absolute; its path, if any, is a prefix of every request. */
  readonly baseUrl: string
  /** Whether plain http to it was opted in to by name. */
  readonly cleartext: boolean
}

/**
 * The public environment, https://openapi.deeplyinc.com.
 *
 * @example
 * ```ts
 * import { cloud, createDeeply } from "@tokenkeep/deeply"
 *
 * await using deeply = createDeeply({ host: cloud, apiKey: "sk-live-2f6c1d" })
 * console.log(deeply.status().state) // => empty
 * ```
 */
export const cloud: Host = { name: "cloud", baseUrl: "https://openapi.deeplyinc.com", cleartext: false }

/** The port that edge servers listen on, unless they were set up otherwise. */
const edgePort = 8100

const invalidHost = (what: string, fix: string) =>
  AuthError.of({ _tag: "ConfigInvalid", option: "host" }, { what, fix })

/** IPv6 needs brackets in a URL, and people write it with and without. */
const bracketed = (address: string): string =>
  address.includes(":") && !address.startsWith("[") ? `[${address}]` : address

/**
 * An edge server on the local network. It speaks plain http, so naming it here is what opts in to that (REQ-4).
 * Throws `CONFIG_INVALID` for an address or port that cannot be.
 *
 * @param address A name or an IP address, without scheme or port.
 * @param port 8100 by default.
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
  const fix = 'Give a name or an IP address alone, such as edge("192.168.0.10") or "edge:192.168.0.10".'
  if (name === "" || /[\s/\\@?#%]/.test(name)) throw invalidHost("The edge server's address is not a host name.", fix)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalidHost("The edge server's port is not between 1 and 65535.", `Leave it out for ${edgePort}.`)
  }
  const baseUrl = `http://${bracketed(name)}:${port}`
  if (!URL.canParse(baseUrl)) throw invalidHost("The edge server's address is not a host name.", fix)
  checkBaseUrl(baseUrl, { option: "host", cleartext: true })
  return { name: "edge", baseUrl, cleartext: true }
}

/** `edge:ADDRESS[:PORT]`, where an IPv6 address with a port needs brackets. */
const edgeOf = (text: string): Host => {
  const rest = text.slice("edge:".length).trim()
  const withPort = /^(\[[^\]]*\]|[^:[\]]*):(\d+)$/.exec(rest)
  return withPort === null ? edge(rest) : edge(withPort[1] ?? "", Number(withPort[2]))
}

const optIn = (url: URL): string => {
  // A path is the user's own, and may be a secret: it is not repeated.
  if (url.pathname !== "/") return '{ name: "edge", baseUrl: host, cleartext: true }, with this URL as host'
  const port = url.port === "" ? 80 : Number(url.port)
  return `edge("${url.hostname}"${port === edgePort ? "" : `, ${port}`}), or "edge:${url.hostname}${port === edgePort ? "" : `:${port}`}" as text`
}

/**
 * Brings every form of the `host` option to a checked {@link Host}: a `Host`, a URL, or a string that is a URL,
 * `"cloud"` or `"edge:ADDRESS[:PORT]"`.
 *
 * Without one, the environment's `DEEPLY_HOST` is read, and without that it is {@link cloud}. Throws `CONFIG_INVALID`,
 * or `INSECURE_ORIGIN` for plain http that is neither loopback nor named by {@link edge}.
 *
 * @example
 * ```ts
 * import { hostOf, isAuthError } from "@tokenkeep/deeply"
 *
 * console.log(hostOf("edge:192.0.2.7").baseUrl) // => http://192.0.2.7:8100
 * try {
 *   hostOf("http://192.0.2.7:8100")
 * } catch (error) {
 *   console.log(isAuthError(error) && error.code) // => INSECURE_ORIGIN
 * }
 * ```
 */
export const hostOf = (host: Host | string | URL | undefined = readEnvironment("DEEPLY_HOST") || undefined): Host => {
  if (host === undefined) return cloud
  if (typeof host === "string") {
    const text = host.trim()
    if (text === "cloud") return cloud
    if (/^edge:/i.test(text)) return edgeOf(text)
    return custom(text)
  }
  if (host instanceof URL) return custom(host.href)
  if (typeof host !== "object" || host === null || typeof host.baseUrl !== "string") {
    throw invalidHost("The host is neither a URL nor a host object.", "Use cloud, edge(address) or a URL.")
  }
  checkBaseUrl(host.baseUrl, { option: "host", cleartext: host.cleartext, optIn })
  return host
}

/** A host by URL: its form is brought to one, so that the same place always reads the same. */
const custom = (text: string): Host => {
  const { href } = checkBaseUrl(text, { option: "host", cleartext: false, optIn })
  return { name: "custom", baseUrl: href.replace(/\/$/, ""), cleartext: false }
}
