import { TokenkeepError } from "@tokenkeep/core"

/** The parts of a Redis URL. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
}

// The URL may contain a password, so no part of it is in the message.
const invalid = (what: string) =>
  TokenkeepError.of(
    { _tag: "ConfigInvalid", option: "url" },
    { what: `The option url ${what}.`, fix: "Use redis://user:password@host:6379/0, or rediss:// for TLS." }
  )

const decode = (encoded: string): string | undefined => {
  try {
    return encoded === "" ? undefined : decodeURIComponent(encoded)
  } catch {
    throw invalid("has a user name or password with invalid percent-encoding")
  }
}

/** Parses a Redis URL. Throws `CONFIG_INVALID` if it is not valid. */
export const addressOf = (url: string | URL): Address => {
  const href = url instanceof URL ? url.href : url
  if (typeof href !== "string" || !URL.canParse(href)) throw invalid("is not a URL")
  const { hash, hostname, password, pathname, port, protocol, search, username } = new URL(href)
  if (protocol !== "redis:" && protocol !== "rediss:") throw invalid("does not start with redis:// or rediss://")
  if (hostname === "") throw invalid("has no host")
  if (port === "0") throw invalid("has the port 0, on which no server can listen")
  if (!/^\/?\d{0,5}$/.test(pathname)) throw invalid("has a path that is not a database number")
  if (search !== "" || hash !== "") throw invalid("has a query or a fragment, which are not supported")
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? 6379 : Number(port),
    tls: protocol === "rediss:",
    username: decode(username),
    password: decode(password),
    database: Number(pathname.slice(1))
  }
}
