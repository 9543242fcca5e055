import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import { createTokenKeep, tokenKeepLayer, TokenStorage, Transport } from "../../src/index.ts"
import { AuthorizedHttpClient } from "../../src/unstable-http/index.ts"
import { exampleProvider } from "../support/exampleProvider.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"

const apiKey = "canary-key-2f6c1d9a"

/** Issues tokens, rejects the first one after `revoke`, resets `/reset`, and responds with the received request. */
const serving = Effect.acquireRelease(
  Effect.promise(async () => {
    const seen: Array<string> = []
    let issued = 0
    let revokedUpTo = 0
    const server = createServer(async (request, response) => {
      let body = ""
      for await (const chunk of request) body += String(chunk)
      if (request.url?.endsWith("/token") === true) {
        issued += 1
        return response.end(JSON.stringify({ token: `canary-token-${issued}` }))
      }
      const { authorization = "none" } = request.headers
      seen.push(`${request.method} ${request.url} ${authorization} ${body}`.trim())
      if (request.url?.endsWith("/reset") === true) return request.socket.destroy()
      if (Number(authorization.split("-").at(-1)) <= revokedUpTo) return response.writeHead(401).end()
      return response.writeHead(request.url?.endsWith("/missing") === true ? 404 : 200).end("echo")
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { server, seen, url, revoke: () => void (revokedUpTo = issued), issued: () => issued }
  }),
  ({ server }) =>
    Effect.promise(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
)

const adapters = Layer.mergeAll(
  Layer.sync(Transport, () => Transport.fromFetch(fetch)),
  Layer.sync(TokenStorage, () => scriptedStorage().service)
)

const optionsFor = (url: string) => ({ apiKey, provider: exampleProvider({ baseUrl: url }) })

/** Both ways to get the client: from the Effect services, and from a client of the promise API. */
const apis: Readonly<Record<string, (url: string) => Layer.Layer<HttpClient.HttpClient, unknown>>> = {
  layer: (url) =>
    AuthorizedHttpClient.layer.pipe(Layer.provide(tokenKeepLayer(optionsFor(url))), Layer.provide(adapters)),
  layerKeep: (url) =>
    Layer.unwrap(
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() =>
            createTokenKeep({
              ...optionsFor(url),
              transport: Layer.sync(Transport, () => Transport.fromFetch(fetch)),
              storage: Layer.sync(TokenStorage, () => scriptedStorage().service)
            })
          ),
          (keep) => Effect.promise(keep.dispose)
        ),
        AuthorizedHttpClient.layerKeep
      )
    )
}

for (const [api, layerFor] of Object.entries(apis)) {
  describe(`effect's HttpClient, authorized by ${api}`, () => {
    it.live("REQ-1: adds the token below the base URL, and repeats a rejected request with its body", () =>
      Effect.gen(function* () {
        const { issued, revoke, seen, url } = yield* serving
        const program = Effect.gen(function* () {
          const client = yield* HttpClient.HttpClient
          assert.strictEqual((yield* client.get("/a?b=c")).status, 200)
          assert.strictEqual((yield* client.get("d")).status, 200)
          assert.strictEqual((yield* client.get(`${url}/base/e`)).status, 200)
          revoke()
          const request = HttpClientRequest.post("/f").pipe(HttpClientRequest.bodyText("body"))
          const response = yield* client.execute(request)
          assert.strictEqual(yield* response.text, "echo")
        })
        yield* Effect.provide(program, layerFor(`${url}/base`))
        assert.deepStrictEqual(seen, [
          "GET /base/a?b=c Bearer canary-token-1",
          "GET /base/d Bearer canary-token-1",
          "GET /base/e Bearer canary-token-1",
          "POST /base/f Bearer canary-token-1 body",
          "POST /base/f Bearer canary-token-2 body"
        ])
        assert.strictEqual(issued(), 2)
      })
    )

    it.live("REQ-3: rejects another origin before anything is sent, with the TokenkeepError as the cause", () =>
      Effect.gen(function* () {
        const [server, other] = yield* Effect.all([serving, serving])
        for (const target of [`${other.url}/a`, `//${other.url.slice("http://".length)}/a`]) {
          const error = yield* Effect.flip(Effect.provide(HttpClient.get(target), layerFor(server.url)))
          if (target.startsWith("http")) assert.include(inspect(error, { depth: 9 }), "ORIGIN_NOT_ALLOWED")
        }
        assert.deepStrictEqual(other.seen, [])
      })
    )

    it.live("REQ-3: rejects a path that leaves the base URL before anything is sent", () =>
      Effect.gen(function* () {
        const { seen, url } = yield* serving
        for (const target of ["../a", "/../a", "b/../../a", "/%2e%2e/a", `${url}/a`, `${url}/base/../a`]) {
          const error = yield* Effect.flip(Effect.provide(HttpClient.get(target), layerFor(`${url}/base`)))
          assert.include(inspect(error, { depth: 9 }), "ORIGIN_NOT_ALLOWED", target)
        }
        assert.deepStrictEqual(seen, [])
      })
    )

    it.live("uses the authorized fetch, whatever other fetch is provided", () =>
      Effect.gen(function* () {
        const { seen, url } = yield* serving
        const other: typeof fetch = () => Promise.reject(new Error("another fetch was called"))
        yield* HttpClient.get("/a").pipe(
          Effect.provide(layerFor(url)),
          Effect.provideService(FetchHttpClient.Fetch, other)
        )
        assert.deepStrictEqual(seen, ["GET /a Bearer canary-token-1"])
      })
    )

    it.live("SEC-1: requests, responses and errors hold no token, and print none", () =>
      Effect.gen(function* () {
        const { url } = yield* serving
        const program = Effect.gen(function* () {
          const response = yield* HttpClient.get("/missing")
          const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
          const errors = [yield* Effect.flip(client.get("/missing")), yield* Effect.flip(client.get("/reset"))]
          return [response, response.request, ...errors]
        })
        const taken: ReadonlyArray<unknown> = yield* Effect.provide(program, layerFor(url))
        assert.strictEqual(taken.length, 4)
        for (const each of taken) {
          const printed = [inspect(each, { depth: 20, showHidden: true, customInspect: false }), JSON.stringify(each)]
          assert.notInclude(printed.join("\n"), "canary")
        }
      })
    )
  })
}
