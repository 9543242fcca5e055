import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { isIP } from "node:net"
import { isLoopback } from "../listenAddress.ts"
import type { Refusal } from "./Refusal.ts"

/** Who may call the sidecar. */
export interface AccessRules {
  /** Whether it is reached over a Unix socket, which no browser can reach. */
  readonly isSocket: boolean
  /** Whether other machines can reach it. */
  readonly isPublic: boolean
  /** Names besides those of this machine. */
  readonly hosts: ReadonlySet<string>
  readonly secret: string | undefined
}

const unknownHost = (host: string): Refusal => ({
  status: 421,
  code: "HOST_UNKNOWN",
  message: `The request is for the host ${JSON.stringify(host.slice(0, 100))}, which this sidecar does not serve.`,
  fix: "Call it by its address, or start it with --host and this name."
})

const foreignOrigin: Refusal = {
  status: 403,
  code: "ORIGIN_FOREIGN",
  message: "The request comes from a web page of another origin.",
  fix: "Call the sidecar from a program: pages of other origins may not use its token."
}

const wrongSecret: Refusal = {
  status: 401,
  code: "SECRET_WRONG",
  message: "The request does not carry the secret of this sidecar.",
  fix: "Send Authorization: Bearer with the value of TOKENKEEP_SERVE_SECRET.",
  headers: { "www-authenticate": 'Bearer realm="tokenkeep"' }
}

/** The name in a `Host` header, without its port: a forwarded port is another one on the client's side. */
export const hostnameOf = (host: string): string | undefined => {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:@/?#\\\s]+))(?::\d{1,5})?$/.exec(host) ?? []
  return (bracketed ?? plain)?.toLowerCase()
}

const digest = (text: string) => createHash("sha256").update(text).digest()

/**
 * Checks who calls. A page that a browser shows can send requests to this machine, and a name that it controls can lead
 * here: its `Host` and its `Origin` give it away.
 */
export const accessCheck = ({ hosts, isPublic, isSocket, secret }: AccessRules) => {
  const expected = secret === undefined ? undefined : digest(secret)

  /** An address is no name, so it cannot be rebound to this machine. */
  const knowsHost = (name: string | undefined): boolean =>
    name !== undefined && (isSocket || isLoopback(name) || hosts.has(name) || (isPublic && isIP(name) !== 0))

  /** Browsers send no `Origin` with a link or an image, but say where the page is from. */
  const isForeign = ({ headers, method, url }: IncomingMessage): boolean => {
    const { host = "", origin } = headers
    const site = headers["sec-fetch-site"]
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) return true
    if (site === undefined || site === "same-origin" || site === "none") return false
    // A link to the console shows nothing to the page with the link.
    return !(method === "GET" && url === "/-/console" && headers["sec-fetch-mode"] === "navigate")
  }

  const hasSecret = ({ headers }: IncomingMessage): boolean => {
    if (expected === undefined) return true
    const [, sent = ""] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? []
    // Of equal length, whatever was sent: only the digests are compared.
    return timingSafeEqual(digest(sent), expected)
  }

  const check = (request: IncomingMessage): Refusal | undefined => {
    const { host = "" } = request.headers
    if (!knowsHost(hostnameOf(host))) return unknownHost(host)
    if (isForeign(request)) return foreignOrigin
    return hasSecret(request) ? undefined : wrongSecret
  }

  return { check, knowsHost }
}
