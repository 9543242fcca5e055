import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A real HTTP server on loopback. */
export interface TestServer extends AsyncDisposable {
  readonly url: string
  /** Replaces the handler. */
  readonly handle: (handler: Handler) => void
}

export const listen = async (first: Handler = (_, response) => void response.end()): Promise<TestServer> => {
  let handler = first
  // A process that was frozen would send on a connection that ended meanwhile.
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    // A test whose server fails must not wait for it.
    Promise.resolve(handler(request, response)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    handle: (next) => {
      handler = next
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

export const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = ""
  for await (const chunk of request.setEncoding("utf8")) body += String(chunk)
  return body
}
