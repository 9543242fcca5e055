import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { vi } from "vitest"
import { ApiKey, type RecordNameParts } from "../../src/index.ts"
import { recordNames } from "../../src/credentials/recordName.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager } from "../support/testManager.ts"

describe("KEY-4: the name of a record", () => {
  it.effect("differs by key, host, path and provider, shows nothing of the key, and is stable", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const clients = [
        {},
        { source: `${apiKey}x` },
        { provider: { baseUrl: "https://other.example.test" } },
        { provider: { baseUrl: "https://api.example.test:8443" } },
        { provider: { baseUrl: "https://api.example.test/tenant" } },
        { provider: { name: "other" } }
      ]
      for (const [index, client] of clients.entries()) {
        const { manager, calls } = yield* testManager({
          ...client,
          storage,
          script: () => tokenResponse(`token-${index}`)
        })
        assert.strictEqual((yield* manager.get).reveal(), `token-${index}`)
        assert.lengthOf(calls, 1)
        assert.strictEqual(storage.records.size, index + 1)
      }
      for (const name of storage.records.keys()) assert.match(name, /^tokenkeep-1-[0-9a-f]{64}$/)
      for (const [index, client] of clients.entries()) {
        const { manager, calls } = yield* testManager({ ...client, storage })
        assert.strictEqual((yield* manager.get).reveal(), `token-${index}`)
        assert.lengthOf(calls, 0)
      }
    })
  )

  it.effect("is the same for one base URL, in whatever form it is written", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      for (const baseUrl of [
        "https://api.example.test",
        "HTTPS://API.example.test:443/",
        "https://api.example.test/a/.."
      ]) {
        const { manager } = yield* testManager({ storage, provider: { baseUrl } })
        yield* manager.get
      }
      assert.strictEqual(storage.records.size, 1)
    })
  )
})

describe("KEY-4: the parts of a record's name that the provider knows", () => {
  const base = new URL("https://api.example.test/")
  const nameOf = (parts?: RecordNameParts) =>
    recordNames({ name: "example", recordName: parts }, base)(ApiKey.make(apiKey))
  const digestOf = (parts: ReadonlyArray<string | null>) =>
    `tokenkeep-1-${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`

  it.effect("leave the name as it was if there are none: stored tokens are found after an upgrade", () =>
    Effect.gen(function* () {
      const unchanged = digestOf(["example", base.href, apiKey])
      assert.strictEqual(yield* nameOf(), unchanged)
      assert.strictEqual(yield* nameOf({}), unchanged)
      assert.strictEqual(yield* nameOf({ issuer: base.href, scope: undefined }), unchanged)
    })
  )

  it.effect("each change the name, and no two combinations have the same one", () =>
    Effect.gen(function* () {
      const combinations: ReadonlyArray<RecordNameParts> = [
        {},
        { issuer: "https://login.example.test/" },
        { client: "a" },
        { scope: "a" },
        { audience: "a" },
        { client: "a", scope: "a" },
        { client: "a", audience: "a" },
        { scope: "a", audience: "a" },
        { client: "a", scope: "a", audience: "a" },
        { client: "" },
        { scope: "" },
        { audience: "" },
        { client: "null" },
        { client: 'a","a' }
      ]
      const names = yield* Effect.forEach(combinations, nameOf)
      assert.strictEqual(new Set(names).size, combinations.length)
      for (const name of names) assert.match(name, /^tokenkeep-1-[0-9a-f]{64}$/)
    })
  )

  it.effect("follow the key and what the provider knows by then, and are digested only if those changed", () =>
    Effect.gen(function* () {
      const digest = vi.spyOn(crypto.subtle, "digest")
      yield* Effect.addFinalizer(() => Effect.sync(() => digest.mockRestore()))
      const provider = { name: "example", recordName: { scope: "a" } }
      const nameOfKey = recordNames(provider, base)
      const name = yield* nameOfKey(ApiKey.make(apiKey))
      assert.strictEqual(yield* nameOfKey(ApiKey.make(apiKey)), name)
      assert.strictEqual(digest.mock.calls.length, 1)
      assert.notStrictEqual(yield* nameOfKey(ApiKey.make(`${apiKey}x`)), name)
      provider.recordName = { scope: "b" }
      assert.notStrictEqual(yield* nameOfKey(ApiKey.make(apiKey)), name)
      assert.strictEqual(digest.mock.calls.length, 3)
    })
  )

  for (const part of ["client", "scope", "audience", "issuer"] as const) {
    it.effect(`clients that differ only in ${part} never share a token, and equal ones do`, () =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        const tokenOf = Effect.fnUntraced(function* (value: string, token: string) {
          const provider = { recordName: { [part]: value } }
          const { manager } = yield* testManager({ storage, provider, script: () => tokenResponse(token) })
          return (yield* manager.get).reveal()
        })
        assert.strictEqual(yield* tokenOf("one", "token-one"), "token-one")
        assert.strictEqual(yield* tokenOf("two", "token-two"), "token-two")
        assert.strictEqual(yield* tokenOf("one", "token-three"), "token-one")
        assert.strictEqual(storage.records.size, 2)
      })
    )
  }
})
