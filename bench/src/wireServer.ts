// A server that answers with bytes made beforehand, so that its share in what is measured is as small as it can be.
import { createServer, type AddressInfo, type Socket } from "node:net"

const answerOf = (body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nkeep-alive: timeout=60\r\n\r\n${body}`

const page = answerOf(JSON.stringify({ page: 1, size: 10, total_cnt: 0, max_page: 1, results: [] }))
let issued = 0

const answer = (head: string): string => {
  if (!head.includes(" /api/v1/auth/reissue ")) return page
  issued += 1
  return answerOf(JSON.stringify({ access_token: `bench-token-${issued}` }))
}

/** Where the first request in a text ends, or -1 while it is not whole; bodies have a length or are one chunk. */
const endOf = (text: string): number => {
  const head = text.indexOf("\r\n\r\n")
  if (head < 0) return -1
  const length = /\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1]
  if (length !== undefined) return head + 4 + Number(length)
  if (!/\ntransfer-encoding: chunked/i.test(text.slice(0, head))) return head + 4
  const last = text.indexOf("\r\n0\r\n\r\n", head)
  return last < 0 ? -1 : last + 7
}

const serve = (socket: Socket): void => {
  let unread = ""
  socket.setNoDelay(true)
  socket.setEncoding("latin1")
  socket.on("error", () => socket.destroy())
  socket.on("data", (text: string) => {
    unread += text
    for (let end = endOf(unread); end > 0 && end <= unread.length; end = endOf(unread)) {
      socket.write(answer(unread.slice(0, end)))
      unread = unread.slice(end)
    }
  })
}

const server = createServer(serve)
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.once("disconnect", () => process.exit(0))
