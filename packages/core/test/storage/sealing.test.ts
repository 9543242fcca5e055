import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { runInNewContext } from "node:vm"
import { type StoredRecord } from "../../src/index.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager } from "../support/testManager.ts"
import { whileTimePasses, untilIdle } from "../support/time.ts"

describe("STO-5: encrypted records", () => {
  const keyOf = (text: string) => text.repeat(32)

  it.effect("reveal nothing, need the key to be read, and are bound to their name", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const { manager } = yield* testManager({ storage, encryptionKey: keyOf("a") })
      const token = yield* whileTimePasses(manager.get)
      const [[name, record]] = [...storage.records] as [[string, StoredRecord]]
      assert.match(name, /^tokenkeep-1-[0-9a-f]{64}-[0-9a-f]{16}$/)
      for (const eventsOf of [token.reveal(), token.id, "issuedAt", apiKey]) assert.notInclude(record.text, eventsOf)
      const same = yield* testManager({ storage, encryptionKey: new TextEncoder().encode(keyOf("a")) })
      assert.strictEqual((yield* whileTimePasses(same.manager.get)).id, token.id)
      const foreign = runInNewContext(`new Uint8Array(32).fill(97)`) as Uint8Array
      for (const encryptionKey of [foreign, [foreign]]) {
        const ofAnotherRealm = yield* testManager({ storage, encryptionKey })
        assert.strictEqual((yield* whileTimePasses(ofAnotherRealm.manager.get)).id, token.id)
      }
      const other = yield* testManager({ storage, encryptionKey: keyOf("b") })
      assert.notStrictEqual((yield* whileTimePasses(other.manager.get)).id, token.id)
      const open = yield* testManager({ storage })
      assert.notStrictEqual((yield* whileTimePasses(open.manager.get)).id, token.id)
      assert.strictEqual(storage.records.size, 3)
    })
  )

  it.effect("survive a rotation of keys: the first key encrypts, all decrypt", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const before = yield* testManager({ storage, encryptionKey: keyOf("a") })
      const token = yield* whileTimePasses(before.manager.get)
      const both = yield* testManager({ storage, encryptionKey: [keyOf("b"), keyOf("a")] })
      assert.strictEqual((yield* whileTimePasses(both.manager.get)).id, token.id)
      yield* both.manager.reject(token)
      const next = yield* whileTimePasses(both.manager.get)
      const after = yield* testManager({ storage, encryptionKey: keyOf("b") })
      assert.strictEqual((yield* whileTimePasses(after.manager.get)).id, next.id)
      const waiting = yield* testManager({ storage, encryptionKey: [keyOf("a"), keyOf("b")] })
      assert.strictEqual((yield* whileTimePasses(waiting.manager.get)).id, next.id)
    })
  )

  it.effect("are ignored with an event, and replaced, if they were changed, cut, or copied to another name", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const first = yield* testManager({ storage, encryptionKey: keyOf("a") })
      yield* whileTimePasses(first.manager.get)
      const elsewhere = yield* testManager({ storage, encryptionKey: keyOf("a"), source: `${apiKey}x` })
      yield* whileTimePasses(elsewhere.manager.get)
      const [[name, good], [, otherRecord]] = [...storage.records] as [[string, StoredRecord], [string, StoredRecord]]
      const flipped = `${good.text.slice(0, 40)}${good.text[40] === "A" ? "B" : "A"}${good.text.slice(41)}`
      for (const text of [otherRecord.text, flipped, good.text.slice(0, -8), "", "!", "QUJD"]) {
        storage.records.set(name, { text, fence: storage.records.get(name)!.fence })
        const { manager, eventsOf } = yield* testManager({
          storage,
          encryptionKey: keyOf("a"),
          script: () => tokenResponse("new")
        })
        assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "new")
        yield* whileTimePasses(untilIdle(manager))
        assert.deepStrictEqual(
          eventsOf("record-ignored").map(({ why }) => why),
          ["sealed"]
        )
        const again = yield* testManager({ storage, encryptionKey: keyOf("a") })
        assert.strictEqual((yield* whileTimePasses(again.manager.get)).reveal(), "new")
      }
    })
  )

  it.effect("need a key of sufficient length: a short one is CONFIG_INVALID, and is not quoted", () =>
    Effect.gen(function* () {
      for (const encryptionKey of [
        "",
        "short-secret",
        keyOf("a").slice(1),
        new Uint8Array(31),
        [],
        [keyOf("a"), "x"]
      ]) {
        const error = yield* Effect.flip(testManager({ encryptionKey }))
        assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "encryptionKey" })
        assert.notInclude(error.message, "short-secret")
      }
    })
  )
})
