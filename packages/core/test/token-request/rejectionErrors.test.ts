import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Provider, pureTokenRequest, TokenkeepError } from "../../src/index.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"

type RejectionError = NonNullable<Provider["Service"]["rejectionError"]>

const rejectionError: RejectionError = ({ key, reason, retryAt, status }) => {
  const wording = { what: `Rejected with ${status}: ${key}, ${reason}.`, fix: "Change it." }
  return reason === "scope"
    ? TokenkeepError.of({ _tag: "ScopeRejected", retryAt }, wording)
    : TokenkeepError.of({ _tag: "ClientRejected", retryAt }, wording)
}

/** A client whose issuer rejects it for this reason. */
const rejectedFor = (reason: string, options: TestManagerOptions = {}) =>
  testManager({
    script: () => new Response("", { status: 400 }),
    provider: {
      rejectionError,
      requestToken: pureTokenRequest({
        tokenRequest: (key) => ({ path: "/token", method: "POST", headers: { "x-key": key.reveal() } }),
        readTokenResponse: () => ({ _tag: "KeyRejected", documented: true, reason })
      })
    },
    ...options
  })

describe("KEY-2: a rejection with an error of the provider", () => {
  it.effect("is remembered like a rejected key, in the status and an event too", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, manager } = yield* rejectedFor("client")
      const error = yield* Effect.flip(manager.get)
      assert.deepStrictEqual(error.reason, { _tag: "ClientRejected", retryAt: 30_000 })
      assert.strictEqual(error.message, "Rejected with 400: api-key, client. Change it.")
      assert.strictEqual(yield* Effect.flip(manager.get), error)
      assert.lengthOf(calls, 1)
      assert.strictEqual(manager.status().state, "key-rejected")
      assert.deepStrictEqual(eventsOf("key-rejected"), [
        { type: "key-rejected", at: 0, key: "api-key", retryAt: 30_000 }
      ])
    })
  )

  it.effect("KEY-3: the second credential is tried if the first is rejected", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* rejectedFor("client", { source: [apiKey, `${apiKey}-next`] })
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "CLIENT_REJECTED")
      assert.deepStrictEqual(
        calls.map(({ init }) => new Headers(init.headers).get("x-key")),
        [apiKey, `${apiKey}-next`]
      )
    })
  )

  it.effect("if it is not about the credential, no other one is tried, and none is reported as rejected", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, manager } = yield* rejectedFor("scope", { source: [apiKey, `${apiKey}-next`] })
      const error = yield* Effect.flip(manager.get)
      assert.deepStrictEqual(error.reason, { _tag: "ScopeRejected", retryAt: 30_000 })
      assert.strictEqual(yield* Effect.flip(manager.get), error)
      assert.lengthOf(calls, 1)
      assert.lengthOf(eventsOf("key-rejected"), 0)
      assert.strictEqual(manager.status().state, "empty")
    })
  )

  for (const reason of ["client", "scope"]) {
    it.effect(`another client that shares the storage gets the same error: ${reason}`, () =>
      Effect.gen(function* () {
        const storage = sharedStorage()
        const first = yield* rejectedFor(reason, { storage })
        const second = yield* rejectedFor(reason, { storage })
        const error = yield* Effect.flip(first.manager.get)
        const shared = yield* Effect.flip(second.manager.get)
        assert.deepStrictEqual([shared.reason, shared.message], [error.reason, error.message])
        assert.lengthOf(second.calls, 0)
      })
    )
  }
})
