// A server that responds with prepared bytes, so that it adds as little as possible to what is measured.
import { createServer, type AddressInfo, type Socket } from "node:net"

const responseWith = (body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nkeep-alive: timeout=60\r\n\r\n${body}`

const page = responseWith(JSON.stringify({ page: 1, size: 10, total_cnt: 0, max_page: 1, results: [] }))
let issued = 0

const respond = (head: string): string => {
  if (!head.includes(" /api/v1/auth/reissue ")) return page
  issued += 1
  return responseWith(JSON.stringify({ access_token: `bench-token-${issued}` }))
}

/** Index after the first request, or -1 if it is incomplete. Bodies have a length or are one chunk. */
const endOf = (received: string): number => {
  const head = received.indexOf("\r\n\r\n")
  if (head < 0) return -1
  const length = /\ncontent-length: (\d+)/i.exec(received.slice(0, head))?.[1]
  if (length !== undefined) return head + 4 + Number(length)
  if (!/\ntransfer-encoding: chunked/i.test(received.slice(0, head))) return head + 4
  const last = received.indexOf("\r\n0\r\n\r\n", head)
  return last < 0 ? -1 : last + 7
}

const serve = (socket: Socket): void => {
  let unread = ""
  socket.setNoDelay(true)
  socket.setEncoding("latin1")
  socket.on("error", () => socket.destroy())
  socket.on("data", (received: string) => {
    unread += received
    for (let end = endOf(unread); end > 0 && end <= unread.length; end = endOf(unread)) {
      socket.write(respond(unread.slice(0, end)))
      unread = unread.slice(end)
    }
  })
}

const server = createServer(serve)
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.once("disconnect", () => process.exit(0))
