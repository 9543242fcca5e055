import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"

interface Collector extends AsyncDisposable {
  readonly url: string
  /** Everything that was sent to it. */
  readonly received: () => string
}

/** A collector of OpenTelemetry that takes everything. */
export const startCollector = async (): Promise<Collector> => {
  let received = ""
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    received += await text(request)
    response.end("{}")
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    received: () => received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  }
}
