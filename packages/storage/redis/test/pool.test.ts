import { createTokenKeepPool, pureTokenRequest, Transport } from "@tokenkeep/core"
import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Layer from "effect/Layer"
import { startServer } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"

/** Issues each key a token, and responds to other requests with the token that they carry. */
const scripted = () => {
  let tokenRequests = 0
  const send = async (url: string, { headers }: RequestInit) => {
    const authorization = new Headers(headers).get("authorization") ?? ""
    const isTokenRequest = url.endsWith("/token")
    if (isTokenRequest) tokenRequests += 1
    const response = new Response(
      isTokenRequest ? `token-of-${authorization.slice("Bearer sk-".length)}` : authorization
    )
    return { status: 200, headers: response.headers, body: response.body, toResponse: () => response }
  }
  return {
    layer: Layer.succeed(Transport, Transport.of({ redirects: "visible", send })),
    tokenRequests: () => tokenRequests
  }
}

const provider = {
  name: "example",
  baseUrl: "https://api.example.test",
  allowInsecureHttp: false,
  requestToken: pureTokenRequest({
    tokenRequest: (key) => ({ path: "/token", method: "POST", headers: { authorization: `Bearer ${key.reveal()}` } }),
    readTokenResponse: ({ text }) => ({ _tag: "Issued", token: text })
  }),
  classify: () => ({ _tag: "Other" as const })
}

describe.skipIf(noRedis)("POOL-1: a pool over Redis", () => {
  it("uses one connection for all clients, and each client has its own token, also after it was closed", async () => {
    await using server = await startServer()
    const transport = scripted()
    const ids = Array.from({ length: 300 }, (_, index) => `customer-${index}`)
    await using pool = createTokenKeepPool({
      connection: (id) => ({ provider, apiKey: () => `sk-live-${id}-2f6c1d8e` }),
      transport: transport.layer,
      storage: RedisStorage.layer({ url: server.url }),
      maxOpen: 20
    })
    for (let round = 0; round < 2; round += 1) {
      for (const id of ids) {
        const sent = await (await pool.client(id).fetch("/things")).text()
        expect(sent).toBe(`Bearer token-of-live-${id}-2f6c1d8e`)
      }
    }
    expect(transport.tokenRequests()).toBe(300)
    expect(pool.size).toBe(20)
    const list = (await server.command("CLIENT", "LIST")) as string
    expect(list.split("\n").filter((line) => line.includes("name=tokenkeep"))).toHaveLength(1)
  })
})
