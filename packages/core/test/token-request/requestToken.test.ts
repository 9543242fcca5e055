import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { ApiKey, TokenFetch, TokenkeepError, TokenVerdict } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { type Script, status, tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

type RequestToken = (key: ApiKey, context: { readonly fetch: TokenFetch }) => TokenVerdict | Promise<TokenVerdict>

/** A client whose provider requests its token this way. */
const clientWith = (
  requestToken: RequestToken,
  { provider, ...options }: TestManagerOptions & { readonly script?: Script } = {}
) => testManager({ provider: { ...provider, requestToken }, ...options })

const failure = Effect.fnUntraced(function* (requestToken: RequestToken, options?: TestManagerOptions) {
  const client = yield* clientWith(requestToken, options)
  return { ...client, error: yield* Effect.flip(client.manager.get) }
})

const everythingIn = (error: TokenkeepError) => inspect(error, { showHidden: true, depth: Infinity })

const issued = async (response: Response): Promise<TokenVerdict> => {
  const { token } = (await response.json()) as { readonly token: string }
  return { _tag: "Issued", token }
}

describe("a provider that requests its token itself", () => {
  it.effect("may be asynchronous and send several requests, each with the credential where it wants it", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* clientWith(
        async (key, { fetch }) => {
          const challenge = await (await fetch("/challenge")).text()
          await new Promise((resolve) => setImmediate(resolve))
          return issued(
            await fetch(new URL("https://api.example.test/token"), {
              method: "POST",
              body: `${key.reveal()}.${challenge}`
            })
          )
        },
        { script: ({ url }) => (url.endsWith("/challenge") ? new Response("42") : tokenResponse("token-1")) }
      )
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.deepStrictEqual(
        calls.map(({ url, init }) => [url, init.method, init.body]),
        [
          ["https://api.example.test/challenge", "GET", undefined],
          ["https://api.example.test/token", "POST", `${apiKey}.42`]
        ]
      )
    })
  )

  it.effect("may return its verdict at once, without a request", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* clientWith(() => ({ _tag: "Issued", token: "token-fixed" }))
      assert.strictEqual((yield* manager.get).reveal(), "token-fixed")
      assert.lengthOf(calls, 0)
    })
  )

  it.effect("gets each response with its status, headers and body", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const { manager } = yield* clientWith(
        async (_, { fetch }) => {
          for (const path of ["/empty", "/missing"]) {
            const response = await fetch(path)
            seen.push([response.status, response.headers.get("x-id"), await response.text()])
          }
          return { _tag: "Issued", token: "token-1" }
        },
        {
          script: ({ url }) =>
            url.endsWith("/empty")
              ? new Response(null, { status: 204, headers: { "x-id": "1" } })
              : new Response("not here", { status: 404, headers: { "x-id": "2" } })
        }
      )
      yield* manager.get
      assert.deepStrictEqual(seen, [
        [204, "1", ""],
        [404, "2", "not here"]
      ])
    })
  )

  it.effect("may report that the issuer is unavailable, which the error shows with the status of the response", () =>
    Effect.gen(function* () {
      const unavailable = yield* failure(async (_, { fetch }) => (await fetch("/token"), { _tag: "Unavailable" }), {
        script: () => status(503),
        tokenRequest: { tries: 1 }
      })
      assert.strictEqual(unavailable.error.code, "ISSUER_UNAVAILABLE")
      assert.include(unavailable.error.message, "503")
    })
  )
})

describe("KEY-1: the fetch of a token request", () => {
  for (const url of [
    "https://evil.test/token",
    "http://api.example.test/token",
    "https://api.example.test:8443/token"
  ]) {
    it.effect(`does not send to ${url}`, () =>
      Effect.gen(function* () {
        const { calls, error } = yield* failure(async (_, { fetch }) => issued(await fetch(url)))
        assert.deepStrictEqual(error.reason, { _tag: "OriginNotAllowed", origin: new URL(url).origin })
        assert.include(error.message, "tokenOrigins")
        assert.lengthOf(calls, 0)
      })
    )
  }

  it.effect("sends to the provider's token origins alone, and a path to the first of them", () =>
    Effect.gen(function* () {
      const tokenOrigins = ["https://login.example.test/v2", "https://login.example.org"]
      const { calls, manager } = yield* clientWith(
        async (_, { fetch }) => {
          await fetch("/first")
          return issued(await fetch("https://login.example.org/second"))
        },
        { provider: { tokenOrigins } }
      )
      yield* manager.get
      assert.deepStrictEqual(
        calls.map(({ url }) => url),
        ["https://login.example.test/v2/first", "https://login.example.org/second"]
      )
      const { error } = yield* failure(async (_, { fetch }) => issued(await fetch("https://api.example.test/token")), {
        provider: { tokenOrigins }
      })
      assert.strictEqual(error.code, "ORIGIN_NOT_ALLOWED")
    })
  )

  it.effect("REQ-4: does not take plain http for a token origin", () =>
    Effect.gen(function* () {
      const tokenOrigins = ["http://login.example.test"]
      const error = yield* Effect.flip(testManager({ provider: { tokenOrigins } }))
      assert.strictEqual(error.code, "INSECURE_ORIGIN")
    })
  )

  it.effect("follows no redirect, whatever the provider makes of it", () =>
    Effect.gen(function* () {
      const script = () => new Response(null, { status: 307, headers: { location: "https://evil.test/" } })
      const { calls, error } = yield* failure(
        async (_, { fetch }) => issued(await fetch("/token", { redirect: "follow" } as RequestInit)),
        { script }
      )
      assert.strictEqual(error.code, "REDIRECT_REFUSED")
      assert.deepStrictEqual(
        calls.map(({ init }) => init.redirect),
        ["manual"]
      )
    })
  )

  it.effect("TOK-10: does not read a body that is larger than the limit", () =>
    Effect.gen(function* () {
      const { error } = yield* failure(async (_, { fetch }) => issued(await fetch("/token")), {
        script: () => new Response("x".repeat(101)),
        tokenRequest: { maxBody: 100 }
      })
      assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
      assert.include(error.message, "100 bytes")
    })
  )

  it.effect("reports a failed connection without secrets, with advice", () =>
    Effect.gen(function* () {
      const { error } = yield* failure(async (_, { fetch }) => issued(await fetch(`/token?key=${apiKey}`)), {
        script: () => Promise.reject(Object.assign(new Error(`no ${apiKey}`), { code: "ENOTFOUND" })),
        tokenRequest: { tries: 1 }
      })
      assert.strictEqual(error.code, "ISSUER_UNAVAILABLE")
      assert.include(error.message, "https://api.example.test/token (ENOTFOUND). Check the host name")
      assertNoSecrets(everythingIn(error), [apiKey])
    })
  )
})

describe("TOK-10: the deadline of a token request includes the provider's own work", () => {
  const timeout = Effect.fnUntraced(function* (requestToken: RequestToken) {
    let isCalled = false
    const noted: RequestToken = (...call) => {
      isCalled = true
      return requestToken(...call)
    }
    const client = yield* clientWith(noted, { script: () => undefined })
    const waiting = yield* Effect.forkChild(Effect.flip(client.manager.get))
    yield* until("the provider is called", () => isCalled)
    yield* settled
    yield* TestClock.adjust("10 seconds")
    return { ...client, error: yield* Fiber.join(waiting) }
  })

  it.effect("and ends a provider that never returns", () =>
    Effect.gen(function* () {
      const { calls, error } = yield* timeout(() => new Promise(() => undefined))
      assert.strictEqual(error.code, "ISSUER_UNAVAILABLE")
      assert.include(error.message, "within 10000 ms")
      assert.lengthOf(calls, 0)
    })
  )

  it.effect("and aborts its requests", () =>
    Effect.gen(function* () {
      const { calls, error } = yield* timeout(async (_, { fetch }) => issued(await fetch("/token")))
      assert.strictEqual(error.code, "ISSUER_UNAVAILABLE")
      assert.deepStrictEqual(
        calls.map(({ init }) => init.signal?.aborted),
        [true]
      )
    })
  )

  it.effect("and sends nothing for a provider that continues after it", () =>
    Effect.gen(function* () {
      let goOn = () => {}
      const waiting = new Promise<void>((resolve) => {
        goOn = resolve
      })
      const { calls } = yield* timeout(async (_, { fetch }) => {
        await waiting
        return issued(await fetch("/token"))
      })
      goOn()
      yield* settled
      assert.lengthOf(calls, 0)
    })
  )
})

describe("TOK-8: the budget counts each request of a provider", () => {
  const twoRequests: RequestToken = async (_, { fetch }) => {
    await fetch("/challenge")
    return issued(await fetch("/token"))
  }

  it.effect("once, in the process and in the shared record", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const { calls, manager } = yield* clientWith(twoRequests, { storage })
      yield* manager.get
      assert.lengthOf(calls, 2)
      const { budget } = JSON.parse(storage.record().text) as { readonly budget: { readonly left: number } }
      assert.strictEqual(budget.left, 8)
    })
  )

  it.effect("and does not send one that exceeds it", () =>
    Effect.gen(function* () {
      const { calls, error } = yield* failure(twoRequests, { budget: { burst: 1 } })
      assert.strictEqual(error.code, "TOKEN_REQUEST_LIMITED")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("and fails also if the provider ignores that a request was not sent", () =>
    Effect.gen(function* () {
      const ignoring: RequestToken = async (_, { fetch }) => {
        for (let request = 0; request < 3; request += 1) await fetch("/token").catch(() => undefined)
        return { _tag: "Issued", token: "token-made-up" }
      }
      const { calls, error, manager } = yield* failure(ignoring, { budget: { burst: 1 } })
      assert.strictEqual(error.code, "TOKEN_REQUEST_LIMITED")
      assert.isUndefined(manager.peek())
      assert.lengthOf(calls, 1)
    })
  )
})

describe("SEC-1: an error that a provider throws", () => {
  const bugs: ReadonlyArray<readonly [what: string, requestToken: RequestToken]> = [
    [
      "at once",
      (key) => {
        throw new Error(`bad ${key.reveal()}`)
      }
    ],
    ["later", (key) => Promise.reject(new Error(`bad ${key.reveal()}`))],
    ["that is no error", (key) => Promise.reject(key.reveal())],
    [
      "about the response",
      async (_, { fetch }) => {
        throw new Error(await (await fetch("/token")).text())
      }
    ]
  ]
  for (const [what, requestToken] of bugs) {
    it.effect(`${what} is TOKEN_RESPONSE_INVALID, and prints no secret`, () =>
      Effect.gen(function* () {
        const { error } = yield* failure(requestToken, { script: () => tokenResponse("token-2f6c1d") })
        assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
        assert.include(error.message, "requestToken threw an error")
        assertNoSecrets(everythingIn(error), [apiKey, "token-2f6c1d"])
      })
    )
  }
})
