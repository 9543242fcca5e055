// A minimal server, in a process of its own so that it does not share the thread of the client.
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
  // A key that ends in "-known" gets JWTs with an expiry.
  const token = request.headers.authorization?.endsWith("-known") === true ? jwt(id, 3_600) : id
  return response.end(JSON.stringify({ access_token: token }))
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.once("disconnect", () => process.exit(0))
