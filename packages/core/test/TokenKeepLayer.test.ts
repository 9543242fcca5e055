import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  type TokenkeepError,
  createTokenKeep,
  type TokenManagerOptions,
  TokenStorage,
  Transport
} from "../src/index.ts"
import { exampleProvider } from "./support/exampleProvider.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { scriptedTransport } from "./support/scriptedTransport.ts"
import { testClient } from "./support/testClient.ts"
import { apiKey, testManager } from "./support/testManager.ts"

const noTimes = [0, -1, -0, NaN, Infinity, -Infinity] as const
const noCounts = [0, -1, 1.5, NaN, Infinity, 2 ** 53] as const
const noRates = [0, -1, NaN, Infinity] as const

const wrong: ReadonlyArray<readonly [option: string, options: TokenManagerOptions]> = [
  ...noTimes.flatMap((time): ReadonlyArray<readonly [string, TokenManagerOptions]> => [
    ["renewal.window", { renewal: { window: time } }],
    ["renewal.maxWindow", { renewal: { maxWindow: time } }],
    ["renewal.assumedLifetime", { renewal: { assumedLifetime: time } }],
    ["tokenRequest.deadline", { tokenRequest: { deadline: time } }],
    ["maxWait", { maxWait: time }],
    ["keyCooldown.initial", { keyCooldown: { initial: time } }],
    ["keyCooldown.max", { keyCooldown: { max: time } }]
  ]),
  ...noCounts.flatMap((count): ReadonlyArray<readonly [string, TokenManagerOptions]> => [
    ["tokenRequest.tries", { tokenRequest: { tries: count } }],
    ["tokenRequest.maxBody", { tokenRequest: { maxBody: count } }],
    ["budget.burst", { budget: { burst: count } }]
  ]),
  ...noRates.map((rate) => ["budget.perSecond", { budget: { perSecond: rate } }] as const),
  ...[-0.1, 1, 1.5, NaN, Infinity].map((jitter) => ["renewal.jitter", { renewal: { jitter } }] as const),
  ["renewal.window", { renewal: { window: "11 minutes" } }],
  ["renewal.window", { renewal: { window: 2_000, maxWindow: 1_000 } }],
  ["renewal.assumedLifetime", { renewal: { assumedLifetime: "900 millis" } }],
  ["renewal.assumedLifetime", { renewal: { assumedLifetime: "10000 days" } }],
  ["maxWait", { maxWait: "soon" as "1 second" }],
  ["keyCooldown.max", { keyCooldown: { max: null as unknown as number } }]
]

const right: ReadonlyArray<TokenManagerOptions> = [
  {},
  { renewal: {}, tokenRequest: {}, budget: {}, keyCooldown: {}, maxWait: undefined },
  { renewal: { jitter: 0, window: "10 minutes", assumedLifetime: "15 minutes" } },
  { renewal: { jitter: 0.999, window: 1, maxWindow: 1 } },
  { budget: { burst: 1, perSecond: 0.001 }, maxWait: 1, keyCooldown: { initial: 1, max: "1 hour" } }
]

const clientOf = (options: TokenManagerOptions) =>
  createTokenKeep({
    ...options,
    provider: exampleProvider(),
    apiKey,
    transport: Layer.succeed(Transport, scriptedTransport().service),
    storage: Layer.succeed(TokenStorage, scriptedStorage().service)
  })

const shown = (options: TokenManagerOptions) =>
  JSON.stringify(options, (_, value: unknown) => (typeof value === "number" ? String(value) : value))

describe("CONFIG_INVALID names the option that is wrong", () => {
  for (const [option, options] of wrong) {
    it.effect(`${option}: ${shown(options)}, in the promise API and in the Effect API`, () =>
      Effect.gen(function* () {
        const reason = { _tag: "ConfigInvalid", option } as const
        const error = yield* Effect.flip(
          Effect.try({ try: () => clientOf(options), catch: (thrown) => thrown as TokenkeepError })
        )
        assert.deepStrictEqual(error.reason, reason)
        assert.include(error.message, option)
        assert.deepStrictEqual((yield* Effect.flip(testClient(options))).reason, reason)
        assert.deepStrictEqual((yield* Effect.flip(testManager(options))).reason, reason)
      })
    )
  }

  it.effect("and other options are accepted", () =>
    Effect.gen(function* () {
      for (const options of right) {
        yield* Effect.promise(() => clientOf(options).dispose())
        yield* testClient(options)
      }
    })
  )
})
