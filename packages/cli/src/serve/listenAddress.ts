import { TokenkeepError } from "@tokenkeep/core"
import { isIP } from "node:net"

/** Where the sidecar listens. */
export type ListenAddress =
  | { readonly _tag: "Tcp"; readonly host: string; readonly port: number }
  | { readonly _tag: "Socket"; readonly path: string }

export const defaultListen = "127.0.0.1:8787"

/** Whether a host is this machine, and so no other machine reaches it. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host)

/** Whether an address stands for all addresses of this machine, such as `0.0.0.0` and `::`. */
export const isWildcard = (address: ListenAddress): boolean => address._tag === "Tcp" && /^[0.:]+$/.test(address.host)

const malformed = () =>
  TokenkeepError.of(
    { _tag: "ConfigInvalid", option: "listen" },
    {
      what: "The address of --listen is malformed.",
      fix: `Use HOST:PORT, such as ${defaultListen}, or the path of a Unix socket, such as /run/tokenkeep.sock.`
    }
  )

/** Reads `HOST:PORT`, `[IPV6]:PORT`, a port, a path, or `unix:PATH`; throws `CONFIG_INVALID`. */
export const parseListen = (listen: string): ListenAddress => {
  const [, path] = /^(?:unix:)?((?:\.{0,2}\/).+)$/.exec(listen) ?? []
  if (path !== undefined) return { _tag: "Socket", path }
  const [, bracketed, plain, digits] = /^(?:(?:\[([\da-f:.]+)\]|([^:[\]/\s]+)):)?(\d{1,5})$/i.exec(listen) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) throw malformed()
  return { _tag: "Tcp", host: bracketed ?? plain ?? "127.0.0.1", port }
}

/** The address as a URL. */
const urlOf = (address: ListenAddress): string => {
  if (address._tag === "Socket") return `unix:${address.path}`
  const host = address.host.includes(":") ? `[${address.host}]` : address.host
  return `http://${host}:${address.port}`
}

/** The URL by which programs call a sidecar that listens there: no program can call a wildcard. */
export const callableUrl = (address: ListenAddress, [name = "127.0.0.1"]: ReadonlyArray<string>): string =>
  address._tag === "Tcp" && isWildcard(address) ? urlOf({ ...address, host: name }) : urlOf(address)

/** The address in a message. A name or a path is not repeated: it may be a secret that was passed by mistake. */
export const shownAddress = (address: ListenAddress): string => {
  const isShown = address._tag === "Tcp" && (address.host === "localhost" || isIP(address.host) !== 0)
  return `the address of --listen${isShown ? ` (${urlOf(address)})` : ""}`
}
