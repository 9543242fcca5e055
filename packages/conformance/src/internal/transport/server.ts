import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What a server does with a request; what it throws or rejects with closes the connection. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** A server, and what reached it. */
export interface Place {
  /** Ends in a slash. */
  readonly url: string
  /** Every request so far, as it came. */
  readonly requests: ReadonlyArray<IncomingMessage>
  /** What each of them is answered with. */
  readonly answers: ReadonlyArray<ServerResponse>
  /** How many connections are open. */
  readonly connections: () => number
}

const listen = (handler: Handler): Promise<{ readonly place: Place; readonly close: () => void }> => {
  const requests: Array<IncomingMessage> = []
  const answers: Array<ServerResponse> = []
  let connections = 0
  const server = createServer((request, response) => {
    requests.push(request)
    answers.push(response)
    // A peer that goes away is what some laws are about.
    request.on("error", () => undefined)
    response.on("error", () => undefined)
    Promise.resolve()
      .then(() => handler(request, response))
      .catch(() => request.socket.destroy())
  })
  server.on("connection", (socket) => {
    connections += 1
    socket.on("error", () => undefined)
    socket.once("close", () => {
      connections -= 1
    })
  })
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resolve({
        place: { url: `http://127.0.0.1:${port}/`, requests, answers, connections: () => connections },
        close: () => {
          server.closeAllConnections()
          server.close()
        }
      })
    })
  })
}

/** Starts a server on a free port of this machine. */
export const serve = (handler: Handler): Effect.Effect<Place, unknown, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.tryPromise(() => listen(handler)),
      ({ close }) => Effect.sync(close)
    ),
    ({ place }) => place
  )

/** A whole answer. */
export const reply =
  (status: number, body: string | Uint8Array = "", headers: Record<string, string | Array<string>> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, headers).end(body)
  }

/** The bytes of a request's body, once they have all come. */
export const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
