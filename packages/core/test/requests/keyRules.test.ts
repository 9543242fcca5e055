import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { carriesKey } from "../../src/requests/keyRules.ts"
import { testClient } from "../support/testClient.ts"
import { apiKey } from "../support/testManager.ts"

const otherKey = "sk-live-other-9b0e44"
const words = (value: string) => value.split(/[\s,;]+/)
const keys = {
  own: (value: string) => value.includes(apiKey),
  others: (value: string) => words(value).includes(otherKey)
}
const url = "https://api.example.test/x"
const carries = (value: string) => carriesKey({ url, init: { headers: { "x-any": value } } }, keys)
const basic = (userinfo: string, scheme = "Basic") => `${scheme} ${btoa(userinfo)}`

describe("KEY-1: an API key in a Basic header", () => {
  it.each([
    ["as the password", basic(`user:${apiKey}`)],
    ["as the user name", basic(`${apiKey}:`)],
    ["alone", basic(apiKey)],
    ["after a scheme in other case", basic(`user:${apiKey}`, "bAsIc")],
    ["after more than one space", `Basic   ${btoa(`user:${apiKey}`)}`],
    ["between spaces and tabs", ` \t${basic(`user:${apiKey}`)} \t`],
    ["after a tab", `Basic\t${btoa(`user:${apiKey}`)}`],
    ["before another value", `${basic(`user:${apiKey}`)}, x`],
    ["after another value", `Bearer x, ${basic(`user:${apiKey}`)}`],
    ["after another Basic header", `${basic("user:password")},${basic(`user:${apiKey}`)}`],
    ["before a parameter", `${basic(`user:${apiKey}`)};a`],
    [
      "in base64url, with characters that base64 writes otherwise",
      basic(`>>>???:${apiKey}`).replaceAll("+", "-").replaceAll("/", "_")
    ],
    ["of another client, before another value", `${basic(`user:${otherKey}`)}, x`],
    ["of another client, as the password", basic(`user:${otherKey}`)],
    ["of another client, as the user name", basic(`${otherKey}:password`)]
  ])("is recognised %s", (_, value) => assert.isTrue(carries(value)))

  it.each([
    ["another password", basic("user:password")],
    ["nothing", "Basic"],
    ["an empty user name and password", basic(":")],
    ["text that is not base64", "Basic $$$$"],
    ["base64 of the wrong length", "Basic abcde"],
    ["another scheme", `Bearer ${btoa("user:password")}`],
    ["another client's key inside a longer word", basic(`user:x${otherKey}`)]
  ])("is not seen in %s", (_, value) => assert.isFalse(carries(value)))
})

describe("KEY-1: a request that carries the API key", () => {
  const request = (input: string, init?: RequestInit) =>
    Effect.gen(function* () {
      const { client, sent } = yield* testClient()
      const result = yield* Effect.result(client.request(input, init))
      const outcome = result._tag === "Success" ? result.success.status : result.failure.code
      return { outcome, requests: sent.length }
    })

  const notSent = { outcome: "CREDENTIAL_MISUSED", requests: 0 } as const

  it.effect("is not sent with it in the URL or a header, in Basic as well", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* request(`/x?key=${apiKey}`), notSent)
      assert.deepStrictEqual(yield* request(`/x/${apiKey}`), notSent)
      assert.deepStrictEqual(yield* request("/x", { headers: { "x-key": apiKey } }), notSent)
      assert.deepStrictEqual(yield* request("/x", { headers: { authorization: basic(`:${apiKey}`) } }), notSent)
    })
  )

  it.effect("is sent with it in the body, which is not searched", () =>
    Effect.gen(function* () {
      const json = JSON.stringify({ key: apiKey })
      for (const body of [
        json,
        new TextEncoder().encode(json),
        new URLSearchParams({ key: apiKey }),
        new Blob([json])
      ]) {
        assert.deepStrictEqual(yield* request("/x", { method: "POST", body }), { outcome: 200, requests: 1 })
      }
    })
  )
})
