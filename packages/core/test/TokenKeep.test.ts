import { afterEach, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  AuthError,
  type AuthErrorCode,
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

const keeps: Array<TokenKeep> = []
afterEach(() => Promise.all(keeps.splice(0).map((keep) => keep.dispose())))

/** Issues `token-1`, `token-2`, … and answers everything else with the token that it carried. */
const echo =
  (issued = { count: 0 }): Script =>
  ({ url, authorization }) => {
    if (!url.endsWith("/token")) return new Response(authorization ?? "none")
    issued.count += 1
    return tokenResponse(`token-${issued.count}`)
  }

const storageLayer = () => Layer.sync(TokenStorage, () => scriptedStorage().service)

const keepOver = (script: Script = echo(), options: Partial<CreateTokenKeepOptions> = {}) => {
  const transport = scriptedTransport(script)
  const keep = createTokenKeep({
    provider: exampleProvider(),
    apiKey,
    transport: Layer.succeed(Transport, transport.service),
    storage: storageLayer(),
    ...options
  })
  keeps.push(keep)
  return { keep, calls: transport.calls }
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "fulfilled",
    (error: unknown) => (error instanceof AuthError ? error.code : String(error))
  )

describe("a token keep that cannot work", () => {
  const wrong: ReadonlyArray<readonly [what: string, options: Partial<CreateTokenKeepOptions>, code: AuthErrorCode]> = [
    ["a base URL that is none", { provider: exampleProvider({ baseUrl: "x" }) }, "CONFIG_INVALID"],
    ["plain http", { provider: exampleProvider({ baseUrl: "http://edge.test" }) }, "INSECURE_ORIGIN"],
    ["a literal key that is malformed", { apiKey: "two words" }, "API_KEY_MALFORMED"],
    ["a key that JavaScript forgot", { apiKey: undefined as unknown as string }, "API_KEY_MALFORMED"],
    ["no tries", { issue: { tries: 0 } }, "CONFIG_INVALID"],
    ["a negative limit", { replayBodyLimit: -1 }, "CONFIG_INVALID"],
    ["an unknown policy", { redirects: "follow" as "strip" }, "CONFIG_INVALID"]
  ]
  for (const [what, options, code] of wrong) {
    it(`throws ${code} at once for ${what}`, () => {
      try {
        keepOver(echo(), options)
        assert.fail("It was made.")
      } catch (error) {
        assert.instanceOf(error, AuthError)
        assert.strictEqual(error.code, code)
      }
    })
  }
})

describe("a token keep is lazy", () => {
  it("builds its storage on first use, once, and releases it with its dispose", async () => {
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
    const { keep, calls } = keepOver(echo(), { storage })
    assert.deepStrictEqual(keep.status(), {
      state: "empty",
      storage: { durable: false, shared: false, exclusive: false, watch: false, state: "unused" },
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

  it("tries a build that failed again with the next call, and tells all who waited for it", async () => {
    let builds = 0
    const storage = Layer.effect(
      TokenStorage,
      Effect.promise(async () => {
        builds += 1
        if (builds === 1) throw new Error("not yet")
        return scriptedStorage().service
      })
    )
    const { keep } = keepOver(echo(), { storage })
    assert.deepStrictEqual(await Promise.all([codeOf(keep.token()), codeOf(keep.fetch("/x"))]), [
      "Error: not yet",
      "Error: not yet"
    ])
    assert.strictEqual((await keep.token()).reveal(), "token-1")
    assert.strictEqual(builds, 2)
  })

  it("RUN-2: a dispose while its storage is built tells the callers, and leaves nothing built", async () => {
    let released = 0
    const storage = Layer.effect(
      TokenStorage,
      Effect.andThen(
        Effect.acquireRelease(Effect.void, () => Effect.sync(() => void (released += 1))),
        Effect.never
      )
    )
    const { keep, calls } = keepOver(echo(), { storage })
    const waiting = [codeOf(keep.token()), codeOf(keep.fetch("/x"))]
    await keep.dispose()
    assert.deepStrictEqual(await Promise.all(waiting), ["DISPOSED", "DISPOSED"])
    assert.deepStrictEqual([released, calls.length], [1, 0])
    assert.strictEqual(keep.status().state, "disposed")
    assert.strictEqual(await codeOf(keep.token()), "DISPOSED")
  })
})

describe("a token keep's token", () => {
  it("TOK-1: is the same promise on every hit", async () => {
    const { keep } = keepOver()
    const token = await keep.token()
    const hit = keep.token()
    assert.strictEqual(keep.token(), hit)
    assert.strictEqual(await hit, token)
    assert.strictEqual(keep.peek(), token)
    await keep.reject(token)
    assert.strictEqual((await keep.token()).reveal(), "token-2")
    assert.notStrictEqual(keep.token(), hit)
  })

  it("TOK-7: an abort rejects with the caller's own reason, also before anything is begun and on a hit", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>()
    const { keep, calls } = keepOver(() => promise)
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
    const other = keepOver()
    await other.keep.token()
    assert.strictEqual(await codeOf(other.keep.token({ signal: AbortSignal.abort(reason) })), "Error: given up")
  })

  it("goes on the requests of its fetch, also detached, and is renewed once after a 401", async () => {
    const issued = { count: 0 }
    const script: Script = (call, index) =>
      call.authorization === "Bearer token-1" ? new Response("", { status: 401 }) : echo(issued)(call, index)
    const { fetch } = keepOver(script).keep
    assert.strictEqual(await (await fetch("/x")).text(), "Bearer token-2")
    assert.strictEqual(issued.count, 2)
  })

  it("TOK-2: is shared by clients that are given the same storage layer, and by no others", async () => {
    const storage = storageLayer()
    const first = keepOver(echo(), { storage })
    const second = keepOver(echo(), { storage })
    const third = keepOver(echo())
    const id = (await first.keep.token()).id
    assert.strictEqual((await second.keep.token()).id, id)
    assert.notStrictEqual((await third.keep.token()).id, id)
    await first.keep.dispose()
    assert.strictEqual((await second.keep.token()).id, id)
    assert.deepStrictEqual([first.calls.length, second.calls.length, third.calls.length], [1, 0, 1])
  })
})

describe("run", () => {
  it("runs an effect over the services that the promise door uses: one token", async () => {
    const { calls, keep } = keepOver()
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

  it("rejects with what the effect fails with, whatever that is", async () => {
    const { keep } = keepOver()
    assert.strictEqual(await keep.run(Effect.fail("no")).catch((error: unknown) => error), "no")
  })

  it("interrupts it at an abort, and rejects with its reason; after one it begins nothing", async () => {
    const { calls, keep } = keepOver(() => undefined)
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

  it("RUN-2: rejects with DISPOSED after the end", async () => {
    const { keep } = keepOver()
    await keep.dispose()
    assert.strictEqual(await codeOf(keep.run(Effect.void)), "DISPOSED")
  })
})
