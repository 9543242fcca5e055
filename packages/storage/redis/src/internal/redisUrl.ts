import { AuthError } from "@tokenkeep/core"

/** Where a server is and who asks, as a Redis URL says it. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
}

// The URL holds a password: nothing of it is repeated.
const invalid = (what: string) =>
  AuthError.of(
    { _tag: "ConfigInvalid", option: "url" },
    { what: `The option url ${what}.`, fix: "Use redis://user:password@host:6379/0, or rediss:// for TLS." }
  )

const decoded = (text: string): string | undefined => {
  try {
    return text === "" ? undefined : decodeURIComponent(text)
  } catch {
    throw invalid("has a user or password whose percent-encoding is broken")
  }
}

/** Reads a Redis URL; throws `CONFIG_INVALID` for one that cannot be. */
export const addressOf = (url: string | URL): Address => {
  const text = url instanceof URL ? url.href : url
  if (typeof text !== "string" || !URL.canParse(text)) throw invalid("is not a URL")
  const { hash, hostname, password, pathname, port, protocol, search, username } = new URL(text)
  if (protocol !== "redis:" && protocol !== "rediss:") throw invalid("does not start with redis:// or rediss://")
  if (hostname === "") throw invalid("names no host")
  if (port === "0") throw invalid("has a port that nobody can listen on")
  if (!/^\/?\d{0,5}$/.test(pathname)) throw invalid("has a path that is not the number of a database")
  if (search !== "" || hash !== "") throw invalid("has a query or a fragment, which nothing reads")
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? 6379 : Number(port),
    tls: protocol === "rediss:",
    username: decoded(username),
    password: decoded(password),
    database: Number(pathname.slice(1))
  }
}
