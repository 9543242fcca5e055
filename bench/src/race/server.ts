// The server of the race, in a process of its own. It issues tokens as Deeply, OAuth2 servers and GitHub do, and checks
// them. It works on sockets, so that it adds as little as possible to what is measured.
import { createServer, type AddressInfo, type Socket } from "node:net"
import type { ServerRequest, ServerSettings, ServerState } from "./startServer.ts"

/** Whether tokens are not checked. */
const isOpen = process.argv.includes("--any-token")
let settings: ServerSettings = { voidsPrevious: false, tokenDelay: 0, delay: 0 }
let tokenRequests = 0
let issued = 0
const valid = new Set<string>()

const response = (status: string, body: unknown, headers = ""): string => {
  const text = JSON.stringify(body)
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nkeep-alive: timeout=60\r\n${headers}\r\n${text}`
}
const page = response("200 OK", { page: 1, size: 10, total_cnt: 0, max_page: 1, results: [] })
const refused = response(
  "401 Unauthorized",
  { detail: { message: "Invalid token" } },
  `www-authenticate: Bearer error="invalid_token"\r\n`
)

const issue = (): string => {
  tokenRequests += 1
  issued += 1
  if (settings.voidsPrevious) valid.clear()
  const token = `bench-token-${issued}-0123456789abcdef`
  valid.add(token)
  return token
}

const tokenResponses: Readonly<Record<string, (token: string) => string>> = {
  "/api/v1/auth/reissue": (token) => response("200 OK", { access_token: token }),
  "/token": (token) => response("200 OK", { access_token: token, token_type: "Bearer", expires_in: 3_600 }),
  "/app/installations": (token) => {
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    return response("201 Created", { token, expires_at: expires, permissions: {}, repository_selection: "all" })
  }
}

const respond = (head: string): readonly [text: string, delay: number] => {
  const path = head.slice(head.indexOf(" ") + 1, head.indexOf(" HTTP/"))
  const tokenResponse = tokenResponses[path.startsWith("/app/") ? "/app/installations" : path]
  if (tokenResponse !== undefined) return [tokenResponse(issue()), settings.tokenDelay]
  const token = /\nauthorization: (?:bearer|token) (\S+)/i.exec(head)?.[1] ?? ""
  return [isOpen || valid.has(token) ? page : refused, settings.delay]
}

/** Index after the first request, or -1 if it is incomplete. Bodies have a length or end with an empty chunk. */
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
      const [text, delay] = respond(unread.slice(0, end))
      if (delay === 0) socket.write(text)
      else setTimeout(() => socket.write(text), delay)
      unread = unread.slice(end)
    }
  })
}

process.on("message", ({ revoke, settings: next }: ServerRequest) => {
  if (next !== undefined) settings = next
  if (revoke === true) valid.clear()
  process.send?.({ tokenRequests } satisfies ServerState)
})
process.once("disconnect", () => process.exit(0))
const server = createServer(serve)
server.listen(0, "127.0.0.1", 1_024, () => process.send?.((server.address() as AddressInfo).port))
