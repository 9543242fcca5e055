import { once } from "node:events"
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"

/** One request as the server received it. */
interface ReceivedRequest {
  readonly method: string | undefined
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Starts a server that is closed when the test ends, and returns its URL. */
const listen = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Handler = (request: ReceivedRequest, response: ServerResponse) => unknown

/** Starts a server that records its requests. */
export const startServer = async (handle: Handler) => {
  const received: Array<ReceivedRequest> = []
  const url = await listen(async (message, response) => {
    let body = ""
    for await (const chunk of message) body += String(chunk)
    const request = { method: message.method, path: message.url ?? "", headers: message.headers, body }
    received.push(request)
    await handle(request, response)
  })
  return { url, received }
}

/** Starts an API that issues `canary-token-1-…`, `canary-token-2-…` and responds with 401 to revoked tokens. */
export const startApi = async (handle: Handler = (_, response) => response.end(`{"ok":true}`)) => {
  let issued = 0
  let revoked = 0
  const server = await startServer((request, response) => {
    response.setHeader("content-type", "application/json")
    if (request.path.endsWith("/auth/reissue")) {
      issued += 1
      return response.end(JSON.stringify({ access_token: `canary-token-${issued}-5b1f0e` }))
    }
    const [, number] = /^Bearer canary-token-(\d+)-/.exec(request.headers.authorization ?? "") ?? []
    if (number !== undefined && Number(number) <= revoked) {
      return response.writeHead(401).end(`{"detail":{"message":"Authentication token expired."}}`)
    }
    return handle(request, response)
  })
  return {
    ...server,
    apiKey: "canary-key-5b1f0e9a",
    /** The requests that are not token requests. */
    apiRequests: () => server.received.filter(({ path }) => !path.endsWith("/auth/reissue")),
    /** How many tokens were issued. */
    issued: () => issued,
    /** Revokes all tokens that were issued so far. */
    revokeTokens: () => void (revoked = issued)
  }
}
