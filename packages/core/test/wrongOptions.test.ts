import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  createTokenKeep,
  type CreateTokenKeepOptions,
  isTokenkeepError,
  tokenKeepLayer,
  TokenStorage,
  Transport
} from "../src/index.ts"
import { exampleProvider } from "./support/exampleProvider.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { scriptedTransport } from "./support/scriptedTransport.ts"
import { apiKey } from "./support/testManager.ts"

const options: CreateTokenKeepOptions = {
  provider: exampleProvider(),
  apiKey,
  transport: Layer.succeed(Transport, scriptedTransport().service),
  storage: Layer.succeed(TokenStorage, scriptedStorage().service)
}

/** What a caller without types may pass. */
const wrong: ReadonlyArray<readonly [option: string, given: object]> = [
  ["transport", { transport: undefined }],
  ["storage", { storage: undefined }],
  ["storage", { storage: scriptedStorage().service }],
  ["telemetry", { telemetry: {} }],
  ["fallbackStorage", { fallbackStorage: scriptedStorage().service }],
  ["provider", { provider: undefined }],
  ["provider", { provider: {} }],
  ["provider", { provider: { ...exampleProvider(), requestToken: "GET /token" } }],
  ["provider", { provider: exampleProvider({ baseUrl: new URL("https://api.example.test") as unknown as string }) }],
  ...["false", "true", 0, 1, null, {}].map(
    (allowInsecureHttp) =>
      ["provider.allowInsecureHttp", { provider: { ...exampleProvider(), allowInsecureHttp } }] as const
  ),
  ["keyName", { keyName: 5 }],
  ["onTokenEvent", { onTokenEvent: "console.log" }],
  ...[5, null, "1 second", true].flatMap((given) =>
    ["tokenRequest", "budget", "keyCooldown", "renewal"].map((option) => [option, { [option]: given }] as const)
  ),
  ["baseUrl", { baseUrl: "https://staging.example.test" }],
  ["redirect", { redirect: "refuse" }],
  ["apikey", { apikey: "x" }],
  ["apiKey", { apiKey: [] }],
  ["apiKey", { apiKey: ["sk-one", "sk-two", "sk-three"] }],
  ["unset", { unset: undefined }],
  ["toString", { toString: () => "x" }],
  ["renewal.windows", { renewal: { windows: 1 } }],
  ["tokenRequest.timeout", { tokenRequest: { timeout: 1 } }],
  ["budget.perMinute", { budget: { perMinute: 1 } }],
  ["keyCooldown.maximum", { keyCooldown: { maximum: 1 } }],
  ["renewal.jitter", { renewal: { jitter: "0.1" } }],
  ["renewal.jitter", { renewal: { jitter: null } }],
  ["provider.tokenOrigins", { provider: exampleProvider({ tokenOrigins: [] }) }],
  ...[NaN, Infinity, -1, "1 second" as unknown as number].map(
    (propagation) => ["provider.propagation", { provider: exampleProvider({ propagation }) }] as const
  )
]

const adapters = ["transport", "storage", "telemetry"]

describe("a wrong option", () => {
  for (const [option, given] of wrong) {
    it(`${option} is CONFIG_INVALID as soon as a client is created`, () => {
      try {
        createTokenKeep({ ...options, ...given })
      } catch (error) {
        assert.isTrue(isTokenkeepError(error))
        assert.deepInclude(error, { code: "CONFIG_INVALID", reason: { _tag: "ConfigInvalid", option } })
        return
      }
      assert.fail("The client was created.")
    })
  }

  for (const [option, given] of wrong.filter(([name]) => !adapters.includes(name))) {
    it.effect(`${option} is CONFIG_INVALID when the layer is built`, () =>
      Effect.gen(function* () {
        const { storage, transport, ...rest } = options
        const layer = tokenKeepLayer({ ...rest, ...given }).pipe(Layer.provide([transport, storage]))
        const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
        assert.deepInclude(error, { code: "CONFIG_INVALID", reason: { _tag: "ConfigInvalid", option } })
      })
    )
  }
})
