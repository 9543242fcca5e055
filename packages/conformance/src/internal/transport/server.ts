import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** Responds to a request; if it throws or rejects, the connection is closed. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** A running server, and what it received. */
export interface TestServer {
  /** Ends in a slash. */
  readonly url: string
  /** Every request so far. */
  readonly requests: ReadonlyArray<IncomingMessage>
  /** The response to each of them. */
  readonly responses: ReadonlyArray<ServerResponse>
  /** How many connections are open. */
  readonly connections: () => number
}

const listen = (handler: Handler): Promise<{ readonly server: TestServer; readonly close: () => void }> => {
  const requests: Array<IncomingMessage> = []
  const responses: Array<ServerResponse> = []
  let connections = 0
  const http = createServer((request, response) => {
    requests.push(request)
    responses.push(response)
    // In some tests, the client disconnects.
    request.on("error", () => undefined)
    response.on("error", () => undefined)
    Promise.resolve()
      .then(() => handler(request, response))
      .catch(() => request.socket.destroy())
  })
  http.on("connection", (socket) => {
    connections += 1
    socket.on("error", () => undefined)
    socket.once("close", () => {
      connections -= 1
    })
  })
  return new Promise((resolve, reject) => {
    http.once("error", reject)
    http.listen(0, "127.0.0.1", () => {
      const { port } = http.address() as AddressInfo
      resolve({
        server: { url: `http://127.0.0.1:${port}/`, requests, responses, connections: () => connections },
        close: () => {
          http.closeAllConnections()
          http.close()
        }
      })
    })
  })
}

/** Starts a server on a free port of this machine. */
export const serve = (handler: Handler): Effect.Effect<TestServer, unknown, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.tryPromise(() => listen(handler)),
      ({ close }) => Effect.sync(close)
    ),
    ({ server }) => server
  )

/** Responds at once, with a complete response. */
export const reply =
  (status: number, body: string | Uint8Array = "", headers: Record<string, string | Array<string>> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, headers).end(body)
  }

/** Reads the whole body of a request. */
export const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
