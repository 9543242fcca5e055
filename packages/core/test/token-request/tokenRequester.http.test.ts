import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Transport, type TransportResponse } from "../../src/index.ts"
import { apiKey, testManager } from "../support/testManager.ts"
import { until } from "../support/time.ts"

/** A server on loopback for one test, and the requests that reached it. */
const serving = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const requests: Array<string> = []
      const server = createServer((request, response) => {
        requests.push(`${request.method} ${request.url} ${request.headers.authorization}`)
        listener(request, response)
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const { port } = server.address() as AddressInfo
      return { server, requests, url: `http://127.0.0.1:${port}` }
    }),
    ({ server }) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      })
  )

const toTransportResponse = (response: Response): TransportResponse => ({
  status: response.status,
  headers: response.headers,
  body: response.body,
  toResponse: () => response
})

const overHttp = {
  calls: [],
  service: Transport.of({
    redirects: "visible",
    send: async (url, init) => toTransportResponse(await fetch(url, init))
  })
}

describe("TOK-10, KEY-1: over real HTTP", () => {
  it.effect("the key is sent to the token endpoint, and the token is returned", () =>
    Effect.gen(function* () {
      const issuer = yield* serving((_, response) => response.end(JSON.stringify({ token: "token-1" })))
      const { manager } = yield* testManager({ transport: overHttp, provider: { baseUrl: issuer.url } })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.deepStrictEqual(issuer.requests, [`POST /token Bearer ${apiKey}`])
    })
  )

  for (const status of [301, 302, 303, 307, 308]) {
    it.effect(`a ${status} to another origin is refused, and nothing reaches that origin`, () =>
      Effect.gen(function* () {
        const elsewhere = yield* serving((_, response) => response.end(JSON.stringify({ token: "token-of-elsewhere" })))
        const issuer = yield* serving((_, response) =>
          response.writeHead(status, { location: `${elsewhere.url}/token` }).end()
        )
        const { manager } = yield* testManager({ transport: overHttp, provider: { baseUrl: issuer.url } })
        const error = yield* Effect.flip(manager.get)
        assert.deepStrictEqual(error.reason, { _tag: "RedirectRefused", from: issuer.url, to: elsewhere.url })
        assert.deepStrictEqual(elsewhere.requests, [])
        assert.lengthOf(issuer.requests, 1)
      })
    )
  }

  it.effect("a body without an end is cancelled, and its connection is closed", () =>
    Effect.gen(function* () {
      let closed = false
      const issuer = yield* serving((_, response) => {
        response.on("close", () => {
          closed = true
        })
        const more = (): void => {
          while (!response.destroyed && response.write("x".repeat(16_384)));
        }
        response.on("drain", more)
        more()
      })
      const { manager } = yield* testManager({ transport: overHttp, provider: { baseUrl: issuer.url } })
      assert.match((yield* Effect.flip(manager.get)).message, /larger than 65536 bytes/)
      yield* until("the connection is closed", () => closed)
    })
  )

  it.effect("an issuer that closes the connection is ISSUER_UNAVAILABLE, with the low-level code", () =>
    Effect.gen(function* () {
      const issuer = yield* serving((request) => request.socket.destroy())
      const { manager } = yield* testManager({
        transport: overHttp,
        provider: { baseUrl: issuer.url },
        tokenRequest: { tries: 1 }
      })
      const error = yield* Effect.flip(manager.get)
      assert.strictEqual(error.code, "ISSUER_UNAVAILABLE")
      assert.deepInclude(error.cause, { method: "POST", url: `${issuer.url}/token`, name: "TypeError" })
      assert.match((error.cause as { code: string }).code, /^(?:UND_ERR_SOCKET|ECONNRESET)$/)
    })
  )
})
