// The least a server can do, in a process of its own so that it does not share the client's thread.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { jwt } from "./jwt.ts"

const page = JSON.stringify({ page: 1, size: 10, total_cnt: 0, max_page: 1, results: [] })
let issued = 0

const server = createServer((request, response) => {
  response.setHeader("content-type", "application/json")
  if (request.url !== "/api/v1/auth/reissue") return response.end(page)
  issued += 1
  const id = `bench-token-${issued}`
  // A key that says so gets tokens whose end is known: a hit on them looks at the clock.
  const token = request.headers.authorization?.endsWith("-known") === true ? jwt(id, 3_600) : id
  return response.end(JSON.stringify({ access_token: token }))
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.once("disconnect", () => process.exit(0))
