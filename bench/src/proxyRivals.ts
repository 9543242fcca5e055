// A reverse proxy without a token, in a process of its own: `node` and `undici` are written by hand, `httpxy` is a
// library. Sends its URL, and on request what it has used.
import { createProxyServer } from "httpxy"
import { Agent as NodeAgent, createServer, request as nodeRequest, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { pipeline } from "node:stream"
import { Pool } from "undici"

const [kind = "", target = ""] = process.argv.slice(2)
const { hostname, port } = new URL(target)
const authorization = "Bearer bench-token-1"

const overNode = (): RequestListener => {
  const agent = new NodeAgent({ keepAlive: true, maxSockets: 1_024 })
  return (incoming, outgoing) => {
    const { headers, method = "GET", url: path = "" } = incoming
    const sent = nodeRequest(
      { agent, host: hostname, port, path, method, headers: { ...headers, authorization } },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, response.rawHeaders)
        pipeline(response, outgoing, () => undefined)
      }
    )
    sent.on("error", () => outgoing.destroy())
    outgoing.once("close", () => sent.destroy())
    pipeline(incoming, sent, () => undefined)
  }
}

/** The shortest program over undici that streams, and that passes an abort on. */
const overUndici = (): RequestListener => {
  const pool = new Pool(target, { connections: 1_024 })
  return (incoming, outgoing) => {
    const { connection: _, host: __, "keep-alive": ___, ...headers } = incoming.headers
    const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD"
    pool
      .stream(
        {
          path: incoming.url ?? "",
          method: incoming.method as "GET",
          headers: { ...headers, authorization },
          body: hasBody ? incoming : null,
          opaque: outgoing
        },
        ({ headers: received, opaque, statusCode }) => {
          const { connection: ____, "keep-alive": _____, ...kept } = received
          return opaque.writeHead(statusCode, kept)
        }
      )
      .catch(() => outgoing.destroy())
  }
}

const overHttpxy = (): RequestListener => {
  const proxy = createProxyServer({
    target,
    headers: { authorization },
    agent: new NodeAgent({ keepAlive: true, maxSockets: 1_024 })
  })
  return (incoming, outgoing) => void proxy.web(incoming, outgoing).catch(() => outgoing.destroy())
}

const kinds: Readonly<Record<string, () => RequestListener>> = {
  node: overNode,
  undici: overUndici,
  httpxy: overHttpxy
}

const server = createServer(kinds[kind]?.())
process.on("message", (asked) => {
  if (asked === "memory") globalThis.gc?.()
  process.send?.({ cpu: process.cpuUsage(), memory: process.memoryUsage() })
})
process.once("disconnect", () => process.exit(0))
server.listen(0, "127.0.0.1", () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
