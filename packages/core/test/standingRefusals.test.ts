import { assert, describe, it } from "@effect/vitest"
import { AuthError } from "../src/index.ts"
import { standingRefusals } from "../src/internal/standingRefusals.ts"

const refusals = () => standingRefusals({ initial: 30_000, max: 120_000 })
const said = { what: "No.", fix: "Wait." }
const rejected = (retryAt: number) => AuthError.of({ _tag: "ApiKeyRejected", retryAt }, said)
const limited = (retryAt: number) => AuthError.of({ _tag: "RateLimited", retryAt, endpoint: "issue" }, said)

/** A wall clock that shows nine hours when the monotonic one shows nothing. */
const wallOf = (mono: number) => 32_400_000 + mono

const rejectAt = (memory: ReturnType<typeof refusals>, name: string, mono: number) => {
  const millis = memory.cooldownOf(name)
  const error = rejected(wallOf(mono) + millis)
  memory.note(name, error, mono, millis, undefined)
  return error
}

describe("KEY-2: a refusal that stands", () => {
  it("is the very error, for its credential alone, until it is over", () => {
    const memory = refusals()
    assert.isUndefined(memory.standing("a", 0, wallOf(0)))
    assert.isFalse(memory.any(0, wallOf(0)))
    const error = rejectAt(memory, "a", 0)
    assert.strictEqual(memory.standing("a", 29_999, wallOf(29_999)), error)
    assert.isTrue(memory.any(29_999, wallOf(29_999)))
    assert.isUndefined(memory.standing("b", 0, wallOf(0)))
    assert.isUndefined(memory.standing("a", 30_000, wallOf(30_000)))
    assert.isFalse(memory.any(30_000, wallOf(30_000)))
  })

  it("is over when either clock says so: the one stands still while a machine sleeps, the other may be set back", () => {
    const memory = refusals()
    rejectAt(memory, "a", 0)
    assert.isUndefined(memory.standing("a", 1, wallOf(30_000)))
    assert.isUndefined(memory.standing("a", 30_000, wallOf(-3_600_000)))
    assert.isDefined(memory.standing("a", 29_999, wallOf(-3_600_000)))
  })

  it("of somebody else counts once, however often it is read", () => {
    const memory = refusals()
    const told = { kind: "rejected", status: 401, at: wallOf(0), until: wallOf(60_000), times: 2 } as const
    for (let read = 0; read < 5; read += 1) memory.heed("a", rejected(told.until), read, 60_000 - read, told)
    assert.strictEqual(memory.cooldownOf("a"), 120_000)
    const once = { ...told, times: 1 }
    for (let read = 0; read < 5; read += 1) memory.heed("b", rejected(told.until), read, 60_000 - read, once)
    assert.strictEqual(memory.cooldownOf("b"), 60_000)
  })

  it("stands for 30 s, then a minute, then two, as long as the key goes on being rejected", () => {
    const memory = refusals()
    const cooldowns = Array.from({ length: 6 }, (_, index) => {
      const millis = memory.cooldownOf("a")
      rejectAt(memory, "a", index * 1_000_000)
      return millis
    })
    assert.deepStrictEqual(cooldowns, [30_000, 60_000, 120_000, 120_000, 120_000, 120_000])
    assert.strictEqual(memory.cooldownOf("b"), 30_000)
  })

  it("is forgotten by name or altogether, and then begins at 30 s again", () => {
    const memory = refusals()
    for (const name of ["a", "a", "b", "c"]) rejectAt(memory, name, 0)
    memory.forget("a")
    assert.isUndefined(memory.standing("a", 1, wallOf(1)))
    assert.strictEqual(memory.cooldownOf("a"), 30_000)
    assert.isDefined(memory.standing("b", 1, wallOf(1)))
    memory.forget()
    assert.isFalse(memory.any(1, wallOf(1)))
  })

  it("a 429 stands for as long as it says, and neither lengthens nor shortens what a rejection comes to", () => {
    const memory = refusals()
    rejectAt(memory, "a", 0)
    const error = limited(wallOf(107_000))
    memory.note("a", error, 100_000, 7_000, undefined)
    assert.strictEqual(memory.standing("a", 106_999, wallOf(106_999)), error)
    assert.isUndefined(memory.standing("a", 107_000, wallOf(107_000)))
    assert.strictEqual(memory.cooldownOf("a"), 60_000)
    memory.note("b", error, 0, 7_000, undefined)
    assert.strictEqual(memory.cooldownOf("b"), 30_000)
  })

  it("64 credentials are remembered, the one that was refused longest ago forgotten first", () => {
    const memory = refusals()
    for (let index = 0; index < 64; index += 1) rejectAt(memory, `key-${index}`, 0)
    rejectAt(memory, "key-0", 1)
    rejectAt(memory, "key-64", 1)
    assert.isUndefined(memory.standing("key-1", 2, wallOf(2)))
    for (const name of ["key-0", "key-2", "key-64"]) assert.isDefined(memory.standing(name, 2, wallOf(2)), name)
  })
})
