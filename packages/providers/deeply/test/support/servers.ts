import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { onTestFinished } from "vitest"
import { sampleKey } from "./clients.ts"

/** A request that a server received. */
export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Whether the response was sent completely, or the connection was closed. */
  closed: boolean
  /** Whether the client closed the connection before the response was complete. */
  aborted: boolean
}

export interface RawServer {
  readonly url: string
  readonly requests: ReadonlyArray<ReceivedRequest>
  /** The number of connections so far, also without a request. */
  readonly connections: () => number
}

type RequestHandler = (request: ReceivedRequest, response: ServerResponse) => void

/** An HTTP server on this machine that records its requests and is closed after the test. */
export const rawServer = async (handler: RequestHandler, host = "127.0.0.1"): Promise<RawServer> => {
  const requests: Array<ReceivedRequest> = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((incoming, response) => {
    const chunks: Array<Buffer> = []
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
    incoming.on("error", () => undefined)
    incoming.on("end", () => {
      const { method = "", url: path = "", headers } = incoming
      const received: ReceivedRequest = {
        method,
        path,
        headers,
        body: Buffer.concat(chunks),
        closed: false,
        aborted: false
      }
      requests.push(received)
      response.on("close", () => {
        received.closed = true
        received.aborted = !response.writableFinished
      })
      handler(received, response)
    })
  })
  server.on("connection", (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { address, family, port } = server.address() as AddressInfo
  const name = family === "IPv6" ? `[${address}]` : address
  return { url: `http://${name}:${port}`, requests, connections: () => connections }
}

export interface RawApi extends RawServer {
  readonly apiKey: string
  /** The requests to other endpoints than the reissue endpoint. */
  readonly general: () => ReadonlyArray<ReceivedRequest>
  readonly tokenRequests: () => number
}

/** Like {@link rawServer}, with a reissue endpoint that issues `token-1`, `token-2` and so on. */
export const rawApi = async (handler: RequestHandler, prefix = ""): Promise<RawApi> => {
  const reissuePath = `${prefix}/api/v1/auth/reissue`
  let issued = 0
  const server = await rawServer((request, response) => {
    if (request.path !== reissuePath) return handler(request, response)
    issued += 1
    return json(response, 200, { access_token: `token-${issued}` })
  })
  return {
    ...server,
    apiKey: sampleKey,
    general: () => server.requests.filter(({ path }) => path !== reissuePath),
    tokenRequests: () => issued
  }
}

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

/** Sends the documented 401 for an expired token. */
export const expired = (response: ServerResponse): void =>
  json(response, 401, {
    detail: { message: "Authentication token expired. Please reissue a new token to renew your session." }
  })

/** Rejects the first token and accepts later ones. */
export const rejectingFirst =
  (handler: RequestHandler): RequestHandler =>
  (request, response) =>
    request.headers.authorization === "Bearer token-1" ? expired(response) : handler(request, response)

export const ok: RequestHandler = (_, response) => json(response, 200, { ok: true })
