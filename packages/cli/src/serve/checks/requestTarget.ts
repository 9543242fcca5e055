import type { IncomingMessage } from "node:http"
import { hostnameOf } from "./accessRules.ts"
import type { Refusal } from "./Refusal.ts"

const malformed = (message: string, fix: string): Refusal => ({ status: 400, code: "REQUEST_MALFORMED", message, fix })

const otherHost: Refusal = {
  status: 421,
  code: "HOST_UNKNOWN",
  message: "The request is for another host. This sidecar forwards to its API only.",
  fix: "Call the sidecar by its own address, and do not set it as http_proxy."
}

/** A target such as `http://127.0.0.1:8787/path`, which proxies get. */
const pathOfAbsolute = (target: string, knowsHost: (name: string | undefined) => boolean): string | Refusal => {
  const [, authority = "", path = ""] = /^http:\/\/([^/?]*)(.*)$/i.exec(target) ?? []
  if (!knowsHost(hostnameOf(authority))) return otherHost
  return path.startsWith("/") ? path : `/${path}`
}

/** The path and query of a request, or why there is none. */
export const pathOf = (
  { url = "" }: IncomingMessage,
  knowsHost: (name: string | undefined) => boolean
): string | Refusal => {
  const path = url.startsWith("/") ? url : pathOfAbsolute(url, knowsHost)
  return typeof path === "string" && path.includes("#")
    ? malformed("The path contains a fragment.", "Remove the # and what follows.")
    : path
}

/** How often a header occurs. */
const occurrences = (rawHeaders: ReadonlyArray<string>, name: string): number =>
  rawHeaders.filter((each, i) => i % 2 === 0 && each.toLowerCase() === name).length

/**
 * Forms in which two servers may see two different requests. Node's parser refuses two lengths, and a length together with
 * chunks.
 */
export const framingCheck = ({ headers, method = "", rawHeaders }: IncomingMessage): Refusal | undefined => {
  if (occurrences(rawHeaders, "host") !== 1) return malformed("The request has no Host, or more than one.", "Send one.")
  const coding = headers["transfer-encoding"]
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    return {
      ...malformed("The transfer encoding is not supported.", "Send chunked, or a Content-Length."),
      status: 501,
      code: "REQUEST_UNSUPPORTED"
    }
  }
  const hasBody = coding !== undefined || Number(headers["content-length"] ?? 0) > 0
  return hasBody && (method === "GET" || method === "HEAD")
    ? malformed(`A ${method} request has a body.`, "Remove it, or use another method.")
    : undefined
}

/** What the sidecar does not forward: another protocol on the same connection. */
export const upgradeCheck = ({ headers, method }: IncomingMessage): Refusal | undefined => {
  if (method === "TRACE" || method === "TRACK") {
    return {
      status: 501,
      code: "REQUEST_UNSUPPORTED",
      message: `The method ${method} is not forwarded: its response would contain the token.`,
      fix: "Use another method."
    }
  }
  // Among other protocols too: they would be removed, and the caller would wait for a WebSocket.
  if (!/(?:^|,)\s*websocket\s*(?:,|$)/i.test(headers.upgrade ?? "")) return undefined
  return {
    status: 501,
    code: "UPGRADE_UNSUPPORTED",
    message: "WebSockets are not forwarded: a token cannot be renewed on an open connection.",
    fix: "Connect to the API itself, with the token of /-/token or `tokenkeep token --reveal`."
  }
}
