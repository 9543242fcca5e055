import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Layer from "effect/Layer"
import {
  createTokenKeep,
  type CreateTokenKeepOptions,
  isTokenkeepError,
  jsonToken,
  type JsonTokenOptions,
  Provider,
  type TokenEvent,
  TokenStorage,
  Transport
} from "../../src/index.ts"
import { fetchTransport } from "../../src/ports/fetchTransport.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { apiKey } from "../support/testManager.ts"

interface Received {
  readonly path: string
  readonly method: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

type Respond = (received: Received, response: ServerResponse) => unknown

/** A server on loopback for one test. */
const startServer = async (respond: Respond) => {
  const received: Array<Received> = []
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const { headers, method = "", url = "" } = request
      const each = { path: url, method, headers, body: Buffer.concat(chunks).toString() }
      received.push(each)
      respond(each, response)
    })
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  }
}

const clientOf = (baseUrl: string, options: JsonTokenOptions, more: Partial<CreateTokenKeepOptions> = {}) =>
  createTokenKeep({
    provider: Provider.of({
      name: "example",
      baseUrl,
      allowInsecureHttp: false,
      requestToken: jsonToken(options),
      classify: ({ status }) => ({ _tag: status === 401 ? "TokenInvalid" : "Other" })
    }),
    apiKey,
    transport: Layer.succeed(Transport, Transport.of(fetchTransport((url, init) => fetch(url, init)))),
    storage: Layer.succeed(TokenStorage, scriptedStorage().service),
    ...more
  })

/** Issues at-1, at-2, …, and accepts the newest only. */
const issuing = (
  path: string,
  json: (token: string) => object,
  isKeyValid: (received: Received) => boolean
): Respond => {
  let issued = 0
  return (received, response) => {
    if (received.path === path) {
      if (!isKeyValid(received)) return response.writeHead(401).end('{"error":"unknown key"}')
      issued += 1
      return response.end(JSON.stringify(json(`at-${issued}`)))
    }
    return response.writeHead(received.headers.authorization === `Bearer at-${issued}` ? 200 : 401).end()
  }
}

const apis: ReadonlyArray<readonly [what: string, options: JsonTokenOptions, respond: Respond, lifetime?: number]> = [
  [
    "a GET with a bearer key, as Deeply's",
    { path: "/api/v1/auth/reissue", method: "GET" },
    issuing(
      "/api/v1/auth/reissue",
      (token) => ({ access_token: token }),
      ({ headers, method, body }) => method === "GET" && headers.authorization === `Bearer ${apiKey}` && body === ""
    )
  ],
  [
    "a key in a header",
    { path: "/v1/token", header: "x-api-key", tokenField: "data.token", lifetime: "data.ttl" },
    issuing(
      "/v1/token",
      (token) => ({ data: { token, ttl: 3_600 } }),
      ({ headers, method }) => method === "POST" && headers["x-api-key"] === apiKey
    ),
    3_600_000
  ],
  [
    "a key in the body",
    { path: "/session", body: (key) => ({ key }), tokenField: "token", lifetime: 900_000 },
    issuing(
      "/session",
      (token) => ({ token }),
      ({ body, headers }) =>
        body === JSON.stringify({ key: apiKey }) &&
        headers["content-type"] === "application/json" &&
        headers.authorization === undefined
    ),
    900_000
  ]
]

describe("TOK-6, REQ-1: over real HTTP", () => {
  for (const [what, options, respond, lifetime] of apis) {
    it(`${what}: the token is requested, used, and renewed when it is rejected`, async () => {
      await using server = await startServer(respond)
      await using keep = clientOf(server.url, options)
      assert.strictEqual((await keep.fetch("/things")).status, 200)
      const token = keep.peek() ?? assert.fail("There is no token.")
      assert.strictEqual(token.reveal(), "at-1")
      assert.strictEqual(token.lifetimeSource, lifetime === undefined ? "unknown" : "declared")
      if (lifetime !== undefined) assert.strictEqual(Number(token.expiresAt) - token.issuedAt, lifetime)

      // Another client renews the token.
      await using other = clientOf(server.url, options)
      assert.strictEqual((await other.token()).reveal(), "at-2")
      assert.strictEqual((await keep.fetch("/things")).status, 200)
      assert.strictEqual(keep.peek()?.reveal(), "at-3")
    })

    it(`KEY-2: ${what}: a rejected key is sent once`, async () => {
      await using server = await startServer(respond)
      await using keep = clientOf(server.url, options, { apiKey: "sk-live-another-key-0000" })
      for (const _ of [1, 2, 3]) {
        const error: unknown = await keep.token().catch((reason: unknown) => reason)
        assert.isTrue(isTokenkeepError(error) && error.code === "API_KEY_REJECTED")
      }
      assert.lengthOf(server.received, 1)
    })
  }
})

const token = "at-5e1f09d7c2b84a3e"

/** A body that repeats what was received, and has a token. */
const quoting = ({ body, headers }: Received): object => ({
  message: `${headers.authorization ?? ""} ${body} ${token}`,
  [apiKey]: token
})

const replies: ReadonlyArray<readonly [what: string, code: string, respond: Respond]> = [
  ["a page", "TOKEN_RESPONSE_INVALID", ({ body }, response) => response.end(`<title>${body} ${token}</title>`)],
  [
    "JSON without a token",
    "TOKEN_RESPONSE_INVALID",
    (received, response) => response.end(JSON.stringify(quoting(received)))
  ],
  [
    "a token of the wrong type",
    "TOKEN_RESPONSE_INVALID",
    (received, response) => response.end(JSON.stringify({ access_token: [token, quoting(received)] }))
  ],
  [
    "a lifetime that is the token",
    "TOKEN_RESPONSE_INVALID",
    (_, response) => response.end(JSON.stringify({ access_token: token, expires_in: token }))
  ],
  [
    "a negative lifetime",
    "TOKEN_RESPONSE_INVALID",
    (_, response) => response.end(JSON.stringify({ access_token: token, expires_in: -60 }))
  ],
  [
    "the key as the token",
    "TOKEN_RESPONSE_INVALID",
    (_, response) => response.end(JSON.stringify({ access_token: apiKey, expires_in: 60 }))
  ],
  [
    "a rejection that quotes the key",
    "API_KEY_REJECTED",
    (received, response) => response.writeHead(403).end(JSON.stringify(quoting(received)))
  ],
  [
    "a rate limit",
    "RATE_LIMITED",
    (received, response) => response.writeHead(429, { "retry-after": "60" }).end(JSON.stringify(quoting(received)))
  ],
  [
    "another status",
    "TOKEN_RESPONSE_INVALID",
    (received, response) => response.writeHead(418).end(JSON.stringify(quoting(received)))
  ],
  [
    "a server error",
    "ISSUER_UNAVAILABLE",
    (received, response) => response.writeHead(503).end(JSON.stringify(quoting(received)))
  ]
]

describe("SEC-1: no secret is printed", () => {
  for (const [what, code, respond] of replies) {
    for (const [where, options] of [
      ["a header", { path: "/token", lifetime: "expires_in" }],
      ["the body", { path: "/token", lifetime: "expires_in", body: (key: string) => ({ key }) }]
    ] as const) {
      it(`with the key in ${where}, after ${what}`, async () => {
        await using server = await startServer(respond)
        const events: Array<TokenEvent> = []
        await using keep = clientOf(server.url, options, {
          tokenRequest: { tries: 1 },
          onTokenEvent: (event) => void events.push(event)
        })
        const error: unknown = await keep.fetch("/things").catch((reason: unknown) => reason)
        if (!isTokenkeepError(error)) return assert.fail("There was no error.")
        assert.strictEqual(error.code, code)
        assert.lengthOf(server.received, 1)
        assert.isNotEmpty(events)
        const shown = [error, events, keep, keep.status()].map((each) =>
          inspect(each, { depth: Infinity, showHidden: true, getters: true })
        )
        assertNoSecrets([...shown, JSON.stringify([error, events]), String(error), error.stack].join("\n"), [
          apiKey,
          token
        ])
      })
    }
  }
})
