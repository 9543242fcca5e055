import { once } from "node:events"
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"

/** One request as it came over the wire. */
interface Seen {
  readonly method: string | undefined
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A plain server that ends with the test. */
const listening = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Answer = (seen: Seen, response: ServerResponse) => unknown

/** A server that keeps what it sees. */
export const http = async (answer: Answer) => {
  const seen: Array<Seen> = []
  const url = await listening(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += String(chunk)
    const one = { method: request.method, path: request.url ?? "", headers: request.headers, body }
    seen.push(one)
    await answer(one, response)
  })
  return { url, seen }
}

/** Such a server that also issues `canary-token-1-…`, `canary-token-2-…`, and refuses those that it is told to. */
export const api = async (answer: Answer = (_, response) => response.end(`{"ok":true}`)) => {
  let issued = 0
  let refused = 0
  const current = () => `canary-token-${issued}-5b1f0e`
  const place = await http((seen, response) => {
    response.setHeader("content-type", "application/json")
    if (seen.path.endsWith("/auth/reissue")) {
      issued += 1
      return response.end(JSON.stringify({ access_token: current() }))
    }
    const [, number] = /^Bearer canary-token-(\d+)-/.exec(seen.headers.authorization ?? "") ?? []
    if (number !== undefined && Number(number) <= refused) {
      return response.writeHead(401).end(`{"detail":{"message":"Authentication token expired."}}`)
    }
    return answer(seen, response)
  })
  return {
    ...place,
    apiKey: "canary-key-5b1f0e9a",
    general: () => place.seen.filter(({ path }) => !path.endsWith("/auth/reissue")),
    issued: () => issued,
    /** Refuses all tokens that were issued so far. */
    revoke: () => void (refused = issued)
  }
}
