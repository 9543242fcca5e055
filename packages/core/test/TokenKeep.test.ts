import { afterEach, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  TokenkeepError,
  type TokenkeepErrorCode,
  AuthorizedClient,
  createTokenKeep,
  type CreateTokenKeepOptions,
  type TokenKeep,
  TokenManager,
  TokenStorage,
  Transport
} from "../src/index.ts"
import { exampleProvider } from "./support/exampleProvider.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { type Script, scriptedTransport, tokenResponse } from "./support/scriptedTransport.ts"
import { apiKey } from "./support/testManager.ts"

const clients: Array<TokenKeep> = []
afterEach(() => Promise.all(clients.splice(0).map((keep) => keep.dispose())))

/** Issues `token-1`, `token-2`, …, and responds to other requests with the token that they carry. */
const echo =
  (issued = { count: 0 }): Script =>
  ({ url, authorization }) => {
    if (!url.endsWith("/token")) return new Response(authorization ?? "none")
    issued.count += 1
    return tokenResponse(`token-${issued.count}`)
  }

const storageLayer = () => Layer.sync(TokenStorage, () => scriptedStorage().service)

const clientOver = (script: Script = echo(), options: Partial<CreateTokenKeepOptions> = {}) => {
  const transport = scriptedTransport(script)
  const keep = createTokenKeep({
    provider: exampleProvider(),
    apiKey,
    transport: Layer.succeed(Transport, transport.service),
    storage: storageLayer(),
    ...options
  })
  clients.push(keep)
  return { keep, calls: transport.calls }
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "fulfilled",
    (error: unknown) => (error instanceof TokenkeepError ? error.code : String(error))
  )

describe("RUN-2: dispose that the source of the key calls", () => {
  for (const [when, source] of [
    ["at once", (dispose: () => void) => () => (dispose(), apiKey)],
    ["and waits for", (dispose: () => Promise<void>) => async () => (await dispose(), apiKey)],
    ["after a while", (dispose: () => Promise<void>) => async () => (await Promise.resolve(), await dispose(), apiKey)]
  ] as const) {
    it(`ends the call, and no token request is sent: it is called ${when}`, async () => {
      const { calls, keep } = clientOver(echo(), { apiKey: () => source(() => keep.dispose())() })
      assert.strictEqual(await codeOf(keep.token()), "DISPOSED")
      await keep.dispose()
      assert.lengthOf(calls, 0)
    })
  }
})

describe("REQ-6: an argument of the wrong type", () => {
  it("is a TypeError if it is a symbol, as fetch converts it", async () => {
    const { calls, keep } = clientOver()
    const error: unknown = await keep.fetch(Symbol("x") as never).catch((thrown: unknown) => thrown)
    assert.instanceOf(error, TypeError)
    assert.lengthOf(calls, 0)
  })

  it("is no option if it is null", async () => {
    const { keep } = clientOver()
    assert.strictEqual((await keep.token(null as never)).reveal(), "token-1")
    assert.strictEqual(await keep.run(Effect.succeed("run"), null as never), "run")
  })
})

describe("options that cannot work", () => {
  const wrong: ReadonlyArray<
    readonly [what: string, options: Partial<CreateTokenKeepOptions>, code: TokenkeepErrorCode]
  > = [
    ["a base URL that is not a URL", { provider: exampleProvider({ baseUrl: "x" }) }, "CONFIG_INVALID"],
    ["plain http", { provider: exampleProvider({ baseUrl: "http://edge.test" }) }, "INSECURE_ORIGIN"],
    ["a literal key that is malformed", { apiKey: "two words" }, "API_KEY_MALFORMED"],
    ["a key that is undefined, as JavaScript allows", { apiKey: undefined as unknown as string }, "API_KEY_MALFORMED"],
    ["no tries", { tokenRequest: { tries: 0 } }, "CONFIG_INVALID"],
    ["a negative limit", { replayBodyLimit: -1 }, "CONFIG_INVALID"],
    ["an unknown policy", { redirects: "follow" as "strip" }, "CONFIG_INVALID"]
  ]
  for (const [what, options, code] of wrong) {
    it(`throws ${code} at once for ${what}`, () => {
      try {
        clientOver(echo(), options)
        assert.fail("The client was created.")
      } catch (error) {
        assert.ok(error instanceof TokenkeepError)
        assert.strictEqual(error.code, code)
      }
    })
  }
})

describe("a client is lazy", () => {
  it("builds its storage on first use, once, and releases it on dispose", async () => {
    const seen: Array<string> = []
    const storage = Layer.effect(
      TokenStorage,
      Effect.acquireRelease(
        Effect.sync(() => {
          seen.push("built")
          return scriptedStorage().service
        }),
        () => Effect.sync(() => void seen.push("released"))
      )
    )
    const { keep, calls } = clientOver(echo(), { storage })
    assert.deepStrictEqual(keep.status(), {
      state: "empty",
      storage: { durable: false, shared: false, acquireLease: false, watch: false, state: "unused" },
      lease: { state: "none" }
    })
    assert.isUndefined(keep.peek())
    await keep.reject("token-0")
    assert.deepStrictEqual([seen.length, calls.length], [0, 0])
    await Promise.all([keep.token(), keep.token(), keep.fetch("/x")])
    assert.deepStrictEqual(seen, ["built"])
    await keep.dispose()
    await keep.dispose()
    assert.deepStrictEqual(seen, ["built", "released"])
  })

  it("repeats a failed build on the next call, and fails all callers that waited for it", async () => {
    let builds = 0
    const storage = Layer.effect(
      TokenStorage,
      Effect.promise(async () => {
        builds += 1
        if (builds === 1) throw new Error("not yet")
        return scriptedStorage().service
      })
    )
    const { keep } = clientOver(echo(), { storage })
    assert.deepStrictEqual(await Promise.all([codeOf(keep.token()), codeOf(keep.fetch("/x"))]), [
      "Error: not yet",
      "Error: not yet"
    ])
    assert.strictEqual((await keep.token()).reveal(), "token-1")
    assert.strictEqual(builds, 2)
  })

  it("RUN-2: disposing while the storage is built fails the callers, and leaves nothing built", async () => {
    let released = 0
    const storage = Layer.effect(
      TokenStorage,
      Effect.andThen(
        Effect.acquireRelease(Effect.void, () => Effect.sync(() => void (released += 1))),
        Effect.never
      )
    )
    const { keep, calls } = clientOver(echo(), { storage })
    const waiting = [codeOf(keep.token()), codeOf(keep.fetch("/x"))]
    await keep.dispose()
    assert.deepStrictEqual(await Promise.all(waiting), ["DISPOSED", "DISPOSED"])
    assert.deepStrictEqual([released, calls.length], [1, 0])
    assert.strictEqual(keep.status().state, "disposed")
    assert.strictEqual(await codeOf(keep.token()), "DISPOSED")
  })
})

describe("the token of a client", () => {
  it("TOK-1: is the same promise for each request on the cached token", async () => {
    const { keep } = clientOver()
    const token = await keep.token()
    const hit = keep.token()
    assert.strictEqual(keep.token(), hit)
    assert.strictEqual(await hit, token)
    assert.strictEqual(keep.peek(), token)
    await keep.reject(token)
    assert.strictEqual((await keep.token()).reveal(), "token-2")
    assert.notStrictEqual(keep.token(), hit)
  })

  it("TOK-7: an abort rejects with the caller's own reason, before anything starts and with a cached token as well", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>()
    const { keep, calls } = clientOver(() => promise)
    const reason = new Error("given up")
    assert.strictEqual(await codeOf(keep.token({ signal: AbortSignal.abort(reason) })), "Error: given up")
    assert.lengthOf(calls, 0)
    const controller = new AbortController()
    const waiting = codeOf(keep.token({ signal: controller.signal }))
    controller.abort(reason)
    assert.strictEqual(await waiting, "Error: given up")
    resolve(tokenResponse("token-1"))
    assert.strictEqual((await keep.token()).reveal(), "token-1")
    assert.lengthOf(calls, 1)
    const other = clientOver()
    await other.keep.token()
    assert.strictEqual(await codeOf(other.keep.token({ signal: AbortSignal.abort(reason) })), "Error: given up")
  })

  it("is added to requests of its fetch, also detached, and is renewed once after a 401", async () => {
    const issued = { count: 0 }
    const script: Script = (call, index) =>
      call.authorization === "Bearer token-1" ? new Response("", { status: 401 }) : echo(issued)(call, index)
    const { fetch } = clientOver(script).keep
    assert.strictEqual(await (await fetch("/x")).text(), "Bearer token-2")
    assert.strictEqual(issued.count, 2)
  })

  it("TOK-2: is shared by clients with the same storage layer, and by no others", async () => {
    const storage = storageLayer()
    const first = clientOver(echo(), { storage })
    const second = clientOver(echo(), { storage })
    const third = clientOver(echo())
    const id = (await first.keep.token()).id
    assert.strictEqual((await second.keep.token()).id, id)
    assert.notStrictEqual((await third.keep.token()).id, id)
    await first.keep.dispose()
    assert.strictEqual((await second.keep.token()).id, id)
    assert.deepStrictEqual([first.calls.length, second.calls.length, third.calls.length], [1, 0, 1])
  })
})

describe("run", () => {
  it("runs an effect with the services of the promise API: one token", async () => {
    const { calls, keep } = clientOver()
    const id = await keep.run(
      Effect.map(
        TokenManager.use((manager) => manager.get),
        (token) => token.id
      )
    )
    assert.strictEqual(id, (await keep.token()).id)
    const response = await keep.run(AuthorizedClient.use((client) => client.request("/x")))
    assert.strictEqual(await response.text(), "Bearer token-1")
    assert.lengthOf(calls, 2)
  })

  it("rejects with any failure of the effect", async () => {
    const { keep } = clientOver()
    assert.strictEqual(await keep.run(Effect.fail("no")).catch((error: unknown) => error), "no")
  })

  it("is interrupted by an abort, and rejects with its reason; after an abort it starts nothing", async () => {
    const { calls, keep } = clientOver(() => undefined)
    const stop = new AbortController()
    const running = keep.run(
      TokenManager.use((manager) => manager.get),
      { signal: stop.signal }
    )
    stop.abort("enough")
    assert.strictEqual(await running.catch((error: unknown) => error), "enough")
    let ran = false
    const late = keep.run(
      Effect.sync(() => (ran = true)),
      { signal: stop.signal }
    )
    assert.strictEqual(await late.catch((error: unknown) => error), "enough")
    assert.isFalse(ran)
    assert.isAtMost(calls.length, 1)
  })

  it("RUN-2: rejects with DISPOSED after dispose", async () => {
    const { keep } = clientOver()
    await keep.dispose()
    assert.strictEqual(await codeOf(keep.run(Effect.void)), "DISPOSED")
  })
})
