import { randomBytes } from "node:crypto"
import type { ServerResponse } from "node:http"
import { sampleKey } from "./clients.ts"
import { type RawServer, rawServer, type ReceivedRequest } from "./servers.ts"

export interface EchoServer extends RawServer {
  readonly apiKey: string
  /** The API key and every token issued so far, and the first 20 characters of each. */
  readonly secrets: () => ReadonlyArray<string>
}

const reissuePath = "/api/v1/auth/reissue"

/**
 * A server that repeats every secret in its responses: in bodies, headers, status texts and redirects. The first part of
 * the path selects the behaviour of the reissue endpoint, and the last part that of the other endpoints.
 */
export const echoServer = async (): Promise<EchoServer> => {
  const tokens: Array<string> = []
  const issue = () => {
    tokens.push(`dt_${randomBytes(24).toString("hex")}`)
    return tokens.at(-1)
  }
  const server = await rawServer((request, response) => {
    const [path = ""] = request.path.split("?")
    const [, first = "", ...others] = path.split("/")
    const last = others.at(-1) ?? ""
    const isTokenRequest = request.path.endsWith(reissuePath)
    if (isTokenRequest && first === "ok") return void response.end(JSON.stringify({ access_token: issue() }))
    return respond(isTokenRequest ? first : last, request, response)
  })
  const whole = () => [sampleKey, ...tokens]
  return { ...server, apiKey: sampleKey, secrets: () => [...whole(), ...whole().map((secret) => secret.slice(0, 20))] }
}

const respond = (how: string, { headers }: ReceivedRequest, response: ServerResponse): void => {
  const echo = headers.authorization ?? "none"
  response.setHeader("x-echo", echo).setHeader("www-authenticate", echo)
  const detail = { message: `Nothing for ${echo}.`, echo, limit: echo, reset: echo }
  const json = (status: number, body: unknown = { detail }) =>
    void response.writeHead(status, echo, { "content-type": "application/json" }).end(JSON.stringify(body))
  switch (how) {
    case "expired":
      return json(401, { detail: { message: `Authentication token expired: ${echo}` } })
    case "html":
      return void response.writeHead(403, echo).end(`<html>${echo}</html>`)
    case "redirect":
      return void response.writeHead(302, { location: `http://localhost:1/?key=${encodeURIComponent(echo)}` }).end()
    case "redirect-host": {
      const host = echo.replace(/\W|_/g, "-").slice(0, 60)
      return void response.writeHead(302, { location: `http://${host}.localhost:1/` }).end()
    }
    case "redirect-path":
      return void response.writeHead(302, { location: `/ok/${encodeURIComponent(echo)}/401` }).end()
    case "parts": {
      const parts = `${echo.slice(7, 30)} ${echo.slice(-20).toUpperCase()}`
      return json(418, { detail: { message: `Nothing for ${parts}.` } })
    }
    case "malformed":
      // The parser of undici keeps what it cannot read in its error.
      return void response.socket?.end(`HTTP/1.1 200 ${echo}\r\nbad header ${echo}\r\n\r\n`)
    case "reset":
      return void response.socket?.resetAndDestroy()
    case "defect":
      return json(200, { access_token: `${echo}\r\n` })
    case "nonsense":
      return void response.writeHead(200, echo).end(`<html>${echo}</html>`)
    default:
      return json(Number(how))
  }
}
