import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import { runInNewContext } from "node:vm"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { type ApiKeySource, TokenkeepError, Credentials } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { type Script, status, tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

const current = (source: ApiKeySource, name?: string) =>
  Effect.provide(
    Credentials.use((credentials) => credentials.sources[0].current),
    Credentials.layer(source, { name })
  )

describe("KEY-3: the source of an API key", () => {
  const sources: ReadonlyArray<readonly [what: string, source: ApiKeySource]> = [
    ["a value", apiKey],
    ["a redacted value", Redacted.make(apiKey)],
    ["a function", () => apiKey],
    ["a function that returns a redacted value", () => Redacted.make(apiKey)],
    ["a function that returns a promise", async () => apiKey],
    [
      "a function that returns a promise of another realm",
      runInNewContext("() => Promise.resolve(key)", { key: apiKey }) as () => Promise<string>
    ],
    [
      "a function that returns a thenable",
      // eslint-disable-next-line unicorn/no-thenable -- some libraries return one
      () => ({ then: (use: (key: string) => void) => use(apiKey) }) as Promise<string>
    ],
    ["an effect", Effect.succeed(apiKey)],
    ["an effect that succeeds later with a redacted value", Effect.delay(Effect.succeed(Redacted.make(apiKey)), 0)],
    ["the content of a file, with its line break", () => `${apiKey}\n`]
  ]
  for (const [what, source] of sources) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const key = yield* current(source, "main")
        assert.strictEqual(key.reveal(), apiKey)
        assert.strictEqual(String(key), "<redacted:main>")
      })
    )
  }

  const nothing: ReadonlyArray<readonly [what: string, source: ApiKeySource]> = [
    ["returns undefined", () => undefined],
    ["promises nothing", async () => undefined],
    ["is an effect that succeeds with undefined", Effect.void as Effect.Effect<undefined>]
  ]
  for (const [what, source] of nothing) {
    it.effect(`a function that ${what} is API_KEY_MISSING`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* Effect.flip(current(source))).code, "API_KEY_MISSING")
      })
    )
  }

  it.effect("the messages use the provider's words for its credential", () =>
    Effect.gen(function* () {
      const terms = { noun: "client secret", option: "client.secret" }
      const messageFor = (source: ApiKeySource) =>
        Credentials.use((credentials) => credentials.sources[0].current).pipe(
          Effect.provide(Credentials.layer(source, { name: "main", terms })),
          Effect.flip,
          Effect.map(({ message }) => message)
        )
      const fix = "Check the function or effect that is passed as client.secret."
      assert.strictEqual(yield* messageFor(() => undefined), "There is no client secret. Pass one as client.secret.")
      assert.strictEqual(
        yield* messageFor("two words"),
        "The client secret (main) contains a space. Pass only the client secret, exactly as the provider shows it."
      )
      const failing = Effect.fail("no")
      assert.strictEqual(yield* messageFor(failing), `The source of the client secret threw an error. ${fix}`)
    })
  )

  it.effect("a malformed key is API_KEY_MALFORMED with its name, from any source", () =>
    Effect.gen(function* () {
      for (const source of [
        `${apiKey} x`,
        () => `${apiKey} x`,
        async () => `${apiKey} x`,
        () => 42 as unknown as string
      ]) {
        const error = yield* Effect.flip(current(source, "main"))
        assert.strictEqual(error.code, "API_KEY_MALFORMED")
        assert.include(error.message, "(main)")
        assertNoSecrets(inspect(error, { depth: Infinity }), [apiKey])
      }
    })
  )

  const broken: ReadonlyArray<readonly [what: string, source: ApiKeySource]> = [
    ["throws", () => { throw new Error(`no ${apiKey}`) }], // prettier-ignore
    ["rejects", () => Promise.reject(new Error(`no ${apiKey}`))],
    ["is an effect that fails", Effect.fail(`no ${apiKey}`)],
    ["is an effect that dies", Effect.die(new Error(`no ${apiKey}`))],
    ["throws something that is not an error", () => { throw apiKey as unknown }] // prettier-ignore
  ]
  for (const [what, source] of broken) {
    it.effect(`a function that ${what} is CREDENTIAL_SOURCE_FAILED, and nothing of its error is kept`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(current(source))
        assert.strictEqual(error.code, "CREDENTIAL_SOURCE_FAILED")
        assert.isTrue(error.retryable)
        assertNoSecrets(inspect(error, { depth: Infinity, showHidden: true }) + error.stack, [apiKey])
      })
    )
  }

  it.effect("a TokenkeepError of the function is passed on", () =>
    Effect.gen(function* () {
      const own = TokenkeepError.of({ _tag: "ApiKeyMissing" }, { what: "There is no key.", fix: "Set DEEPLY_API_KEY." })
      assert.strictEqual(yield* Effect.flip(current(() => Promise.reject(own))), own)
    })
  )
})

describe("KEY-3: a Config", () => {
  const from = (variables: Record<string, string>) =>
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnvRecord(variables))

  it.effect("is a source, read from the ConfigProvider of the client", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* testManager({ source: Config.Redacted("DEEPLY_API_KEY") })
      yield* manager.get
      assert.strictEqual(calls[0]?.authorization, `Bearer ${apiKey}`)
    }).pipe(from({ DEEPLY_API_KEY: apiKey }))
  )

  it.effect("may be a string, and one of two sources", () =>
    Effect.gen(function* () {
      const keys = [Config.String("OLD"), Config.String("NEW")] as const
      const script: Script = ({ authorization }) =>
        authorization === "Bearer sk-live-old-2f6c1d" ? status(401) : tokenResponse("token-2")
      const { manager, calls } = yield* testManager({ source: keys, script })
      yield* manager.get
      assert.strictEqual(calls[1]?.authorization, "Bearer sk-live-new-2f6c1d")
    }).pipe(from({ OLD: "sk-live-old-2f6c1d", NEW: "sk-live-new-2f6c1d" }))
  )

  it.effect("whose variable is not set is CREDENTIAL_SOURCE_FAILED; an optional one is API_KEY_MISSING", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ source: Config.Redacted("DEEPLY_API_KEY") })
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "CREDENTIAL_SOURCE_FAILED")
      const optional = Config.withDefault(Config.Redacted("DEEPLY_API_KEY"), undefined)
      const other = yield* testManager({ source: optional })
      assert.strictEqual((yield* Effect.flip(other.manager.get)).code, "API_KEY_MISSING")
    }).pipe(from({}))
  )
})

describe("KEY-3: a source has 5 s", () => {
  it.effect("then it is CREDENTIAL_SOURCE_FAILED, and the next call reads the source again", () =>
    Effect.gen(function* () {
      let reads = 0
      const source = () => {
        reads += 1
        return reads === 1 ? new Promise<string>(() => undefined) : apiKey
      }
      const { manager, calls, types } = yield* testManager({ source })
      const waiting = yield* Effect.forkChild(Effect.flip(manager.get))
      yield* settled
      yield* TestClock.adjust(4_999)
      yield* settled
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust(1)
      const error = yield* Fiber.join(waiting)
      assert.strictEqual(error.code, "CREDENTIAL_SOURCE_FAILED")
      assert.include(error.message, "within 5000 ms")
      assert.lengthOf(calls, 0)
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.deepStrictEqual(types(), ["renewal-failed", "renewal-started", "issued"])
    })
  )

  it.effect("and a key that arrives later is not used", () =>
    Effect.gen(function* () {
      const { promise, resolve } = Promise.withResolvers<string>()
      const { manager, calls } = yield* testManager({ source: () => promise })
      const waiting = yield* Effect.forkChild(Effect.flip(manager.get))
      yield* settled
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Fiber.join(waiting)).code, "CREDENTIAL_SOURCE_FAILED")
      resolve(apiKey)
      yield* settled
      assert.lengthOf(calls, 0)
      assert.isUndefined(manager.peek())
    })
  )

  it.effect("which do not count towards the deadline of the token request", () =>
    Effect.gen(function* () {
      const { promise, resolve } = Promise.withResolvers<string>()
      const { manager, calls } = yield* testManager({ source: () => promise, script: () => undefined })
      const waiting = yield* Effect.forkChild(Effect.flip(manager.get))
      yield* settled
      yield* TestClock.adjust(4_000)
      resolve(apiKey)
      yield* until("the token request is sent", () => calls.length === 1)
      yield* settled
      yield* TestClock.adjust(9_999)
      yield* settled
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(waiting)).code, "ISSUER_UNAVAILABLE")
    })
  )
})

describe("KEY-3: rotation without a restart", () => {
  it.effect("a function is called once per token request for all callers, and not while the token is cached", () =>
    Effect.gen(function* () {
      let reads = 0
      const source = async () => {
        reads += 1
        return apiKey
      }
      const { manager } = yield* testManager({ source })
      const [token] = yield* Effect.all(
        Array.from({ length: 50 }, () => manager.get),
        { concurrency: "unbounded" }
      )
      yield* manager.get
      assert.strictEqual(reads, 1)
      yield* manager.reject(token!)
      yield* manager.get
      assert.strictEqual(reads, 2)
    })
  )

  it.effect("a changed key is used by the next token request, with a record of its own", () =>
    Effect.gen(function* () {
      let key = apiKey
      const { manager, calls, storage } = yield* testManager({ source: () => key })
      const first = yield* manager.get
      key = `${apiKey}-rotated`
      assert.strictEqual(yield* manager.get, first)
      yield* manager.reject(first)
      yield* manager.get
      assert.deepStrictEqual(
        calls.map(({ authorization }) => authorization),
        [`Bearer ${apiKey}`, `Bearer ${apiKey}-rotated`]
      )
      assert.strictEqual(storage.records.size, 2)
    })
  )

  it.effect("a rejected key is forgotten once the source returns another one", () =>
    Effect.gen(function* () {
      let key = apiKey
      const script = ({ authorization }: { readonly authorization: string | undefined }) =>
        authorization === `Bearer ${apiKey}` ? new Response("", { status: 401 }) : Response.json({ token: "token-1" })
      const { manager } = yield* testManager({ source: () => key, script })
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "API_KEY_REJECTED")
      key = `${apiKey}-rotated`
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
    })
  )
})
