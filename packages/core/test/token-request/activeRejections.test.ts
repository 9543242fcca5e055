import { assert, describe, it } from "@effect/vitest"
import { TokenkeepError } from "../../src/index.ts"
import { activeRejections } from "../../src/token-request/activeRejections.ts"

const rejections = () => activeRejections({ initial: 30_000, max: 120_000 })
const wording = { what: "No.", fix: "Wait." }
const rejected = (retryAt: number) => TokenkeepError.of({ _tag: "ApiKeyRejected", retryAt }, wording)
const limited = (retryAt: number) => TokenkeepError.of({ _tag: "RateLimited", retryAt, endpoint: "issue" }, wording)

/** A wall clock that shows nine hours when the monotonic one shows zero. */
const wallOf = (mono: number) => 32_400_000 + mono

const rejectAt = (memory: ReturnType<typeof rejections>, name: string, mono: number) => {
  const millis = memory.cooldownOf(name)
  const error = rejected(wallOf(mono) + millis)
  memory.add(name, error, mono, millis, undefined)
  return error
}

describe("KEY-2: an active rejection", () => {
  it("is the same error, for its credential only, until it ends", () => {
    const memory = rejections()
    assert.isUndefined(memory.errorFor("a", 0, wallOf(0)))
    assert.isFalse(memory.any(0, wallOf(0)))
    const error = rejectAt(memory, "a", 0)
    assert.strictEqual(memory.errorFor("a", 29_999, wallOf(29_999)), error)
    assert.isTrue(memory.any(29_999, wallOf(29_999)))
    assert.isUndefined(memory.errorFor("b", 0, wallOf(0)))
    assert.isUndefined(memory.errorFor("a", 30_000, wallOf(30_000)))
    assert.isFalse(memory.any(30_000, wallOf(30_000)))
  })

  it("ends when either clock says so: one stands still while a machine sleeps, the other may be set back", () => {
    const memory = rejections()
    rejectAt(memory, "a", 0)
    assert.isUndefined(memory.errorFor("a", 1, wallOf(30_000)))
    assert.isUndefined(memory.errorFor("a", 30_000, wallOf(-3_600_000)))
    assert.isDefined(memory.errorFor("a", 29_999, wallOf(-3_600_000)))
  })

  it("of another client counts once, however often it is read", () => {
    const memory = rejections()
    const eventsOf = { kind: "rejected", status: 401, at: wallOf(0), until: wallOf(60_000), times: 2 } as const
    for (let read = 0; read < 5; read += 1) memory.adopt("a", rejected(eventsOf.until), read, 60_000 - read, eventsOf)
    assert.strictEqual(memory.cooldownOf("a"), 120_000)
    const once = { ...eventsOf, times: 1 }
    for (let read = 0; read < 5; read += 1) memory.adopt("b", rejected(eventsOf.until), read, 60_000 - read, once)
    assert.strictEqual(memory.cooldownOf("b"), 60_000)
  })

  it("of another client lasts as long as it says", () => {
    const memory = rejections()
    const shared = { kind: "rejected", status: 401, at: wallOf(0), until: wallOf(60_000), times: 1 } as const
    const error = rejected(shared.until)
    memory.adopt("a", error, 1_000, 59_000, shared)
    assert.strictEqual(memory.errorFor("a", 59_999, wallOf(59_999)), error)
    assert.isUndefined(memory.errorFor("a", 60_000, wallOf(59_999)))
  })

  it("lasts 30 s, then one minute, then two, if the key is rejected again", () => {
    const memory = rejections()
    const cooldowns = Array.from({ length: 6 }, (_, index) => {
      const millis = memory.cooldownOf("a")
      rejectAt(memory, "a", index * 1_000_000)
      return millis
    })
    assert.deepStrictEqual(cooldowns, [30_000, 60_000, 120_000, 120_000, 120_000, 120_000])
    assert.strictEqual(memory.cooldownOf("b"), 30_000)
  })

  it("can be forgotten by name or altogether, and then starts at 30 s again", () => {
    const memory = rejections()
    for (const name of ["a", "a", "b", "c"]) rejectAt(memory, name, 0)
    memory.forget("a")
    assert.isUndefined(memory.errorFor("a", 1, wallOf(1)))
    assert.strictEqual(memory.cooldownOf("a"), 30_000)
    assert.isDefined(memory.errorFor("b", 1, wallOf(1)))
    memory.forget()
    assert.isFalse(memory.any(1, wallOf(1)))
  })

  it("that is a rate limit lasts as long as it says, and does not change the cool-down of a rejected key", () => {
    const memory = rejections()
    rejectAt(memory, "a", 0)
    const error = limited(wallOf(107_000))
    memory.add("a", error, 100_000, 7_000, undefined)
    assert.strictEqual(memory.errorFor("a", 106_999, wallOf(106_999)), error)
    assert.isUndefined(memory.errorFor("a", 107_000, wallOf(107_000)))
    assert.strictEqual(memory.cooldownOf("a"), 60_000)
    memory.add("b", error, 0, 7_000, undefined)
    assert.strictEqual(memory.cooldownOf("b"), 30_000)
  })

  it("is remembered for 64 credentials, and the oldest is forgotten first", () => {
    const memory = rejections()
    for (let index = 0; index < 64; index += 1) rejectAt(memory, `key-${index}`, 0)
    rejectAt(memory, "key-0", 1)
    rejectAt(memory, "key-64", 1)
    assert.isUndefined(memory.errorFor("key-1", 2, wallOf(2)))
    for (const name of ["key-0", "key-2", "key-64"]) assert.isDefined(memory.errorFor(name, 2, wallOf(2)), name)
  })
})
