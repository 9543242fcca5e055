// The least a server can do, in a process of its own so that it does not share the client's thread.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const page = JSON.stringify({ page: 1, size: 10, total_cnt: 0, max_page: 1, results: [] })
let issued = 0

const server = createServer((request, response) => {
  response.setHeader("content-type", "application/json")
  if (request.url !== "/api/v1/auth/reissue") return response.end(page)
  issued += 1
  return response.end(JSON.stringify({ access_token: `bench-token-${issued}` }))
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.once("disconnect", () => process.exit(0))
