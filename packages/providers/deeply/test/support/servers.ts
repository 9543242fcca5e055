import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { onTestFinished } from "vitest"
import { sampleKey } from "./clients.ts"

/** One request as it came over the wire. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Whether the exchange is over: answered in full, or its connection gone. */
  closed: boolean
  /** Whether the client went away before the answer was complete. */
  aborted: boolean
}

export interface RawServer {
  readonly url: string
  readonly requests: ReadonlyArray<Seen>
  /** How many connections were ever opened, even without a request. */
  readonly connections: () => number
}

type Answer = (request: Seen, response: ServerResponse) => void

/** A plain HTTP server on loopback that records everything it sees and ends with the test. */
export const rawServer = async (answer: Answer, host = "127.0.0.1"): Promise<RawServer> => {
  const requests: Array<Seen> = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((incoming, response) => {
    const chunks: Array<Buffer> = []
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
    incoming.on("error", () => undefined)
    incoming.on("end", () => {
      const { method = "", url: path = "", headers } = incoming
      const seen: Seen = { method, path, headers, body: Buffer.concat(chunks), closed: false, aborted: false }
      requests.push(seen)
      response.on("close", () => {
        seen.closed = true
        seen.aborted = !response.writableFinished
      })
      answer(seen, response)
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
  /** Requests to anything but the reissue endpoint. */
  readonly general: () => ReadonlyArray<Seen>
  readonly issueCalls: () => number
}

/** Such a server whose reissue endpoint gives `token-1`, `token-2`, …; all else is the test's. */
export const rawApi = async (answer: Answer, prefix = ""): Promise<RawApi> => {
  const issuePath = `${prefix}/api/v1/auth/reissue`
  let issued = 0
  const server = await rawServer((request, response) => {
    if (request.path !== issuePath) return answer(request, response)
    issued += 1
    return json(response, 200, { access_token: `token-${issued}` })
  })
  return {
    ...server,
    apiKey: sampleKey,
    general: () => server.requests.filter(({ path }) => path !== issuePath),
    issueCalls: () => issued
  }
}

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

/** The documented 401 of an expired token. */
export const expired = (response: ServerResponse): void =>
  json(response, 401, {
    detail: { message: "Authentication token expired. Please reissue a new token to renew your session." }
  })

/** Refuses the first token and takes any later one. */
export const refusingFirst =
  (answer: Answer): Answer =>
  (request, response) =>
    request.headers.authorization === "Bearer token-1" ? expired(response) : answer(request, response)

export const ok: Answer = (_, response) => json(response, 200, { ok: true })
