import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { cancelBody, readBounded } from "../../src/requests/boundedBody.ts"
import { settled } from "../support/time.ts"

const streamOf = (chunks: ReadonlyArray<Uint8Array | Error | "silence">, cancel?: () => Promise<void>) => {
  const state = { pulled: 0, cancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[state.pulled]
        state.pulled += 1
        if (chunk === undefined) return controller.close()
        if (chunk === "silence") return new Promise<void>(() => undefined)
        return chunk instanceof Error ? controller.error(chunk) : controller.enqueue(chunk)
      },
      cancel: () => {
        state.cancelled = true
        return cancel?.()
      }
    },
    { highWaterMark: 0 }
  )
  return { stream, state }
}

const utf8 = (text: string) => new TextEncoder().encode(text)

describe("TOK-10: a bounded body", () => {
  for (const [size, complete] of [
    [7, true],
    [8, true],
    [9, false]
  ] as const) {
    it.effect(`of ${size} bytes under a limit of 8 is ${complete ? "read whole" : "given up"}`, () =>
      Effect.gen(function* () {
        const whole = yield* readBounded(streamOf([utf8("x".repeat(size))]).stream, 8)
        assert.deepStrictEqual(whole, { text: "x".repeat(Math.min(size, 8)), complete })
        const bytewise = yield* readBounded(streamOf(Array.from({ length: size }, () => utf8("x"))).stream, 8)
        assert.deepStrictEqual(bytewise, { text: "x".repeat(Math.min(size, 8)), complete })
      })
    )
  }

  it.effect("counts bytes, not characters", () =>
    Effect.gen(function* () {
      assert.isTrue((yield* readBounded(streamOf([utf8("\u20ac\u20ac")]).stream, 6)).complete)
      assert.isFalse((yield* readBounded(streamOf([utf8("\u20ac\u20ac")]).stream, 5)).complete)
    })
  )

  it.effect("decodes characters that are split over chunks, and replaces invalid ones", () =>
    Effect.gen(function* () {
      const text = "\u00e4\u20ac\ud83d\ude00"
      const bytewise = Array.from(utf8(text), (byte) => Uint8Array.of(byte))
      assert.deepStrictEqual(yield* readBounded(streamOf(bytewise).stream, 64), { text, complete: true })
      const cut = streamOf([utf8("\u20ac").subarray(0, 2)])
      assert.deepStrictEqual(yield* readBounded(cut.stream, 64), { text: "\ufffd", complete: true })
    })
  )

  it.effect("that is empty is complete", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* readBounded(null, 8), { text: "", complete: true })
      assert.deepStrictEqual(yield* readBounded(streamOf([]).stream, 8), { text: "", complete: true })
    })
  )

  it.effect("that never ends is read up to its limit and cancelled", () =>
    Effect.gen(function* () {
      const { stream, state } = streamOf(Array.from({ length: 1_000 }, () => utf8("x".repeat(4))))
      assert.isFalse((yield* readBounded(stream, 8)).complete)
      assert.deepStrictEqual(state, { pulled: 3, cancelled: true })
    })
  )

  it.effect("that stops arriving is cancelled when the reader is interrupted", () =>
    Effect.gen(function* () {
      const { stream, state } = streamOf([utf8("x"), "silence"])
      const fiber = yield* Effect.forkChild(readBounded(stream, 8))
      yield* settled
      assert.deepStrictEqual(state, { pulled: 2, cancelled: false })
      yield* Fiber.interrupt(fiber)
      assert.isTrue(state.cancelled)
    })
  )

  it.effect("does not wait for a cancellation that never ends or fails", () =>
    Effect.gen(function* () {
      for (const cancel of [() => new Promise<void>(() => undefined), () => Promise.reject(new Error("no"))]) {
        const { stream, state } = streamOf([utf8("123456789")], cancel)
        assert.isFalse((yield* readBounded(stream, 8)).complete)
        assert.isTrue(state.cancelled)
      }
    })
  )

  it.effect("that fails, fails with the same error", () =>
    Effect.gen(function* () {
      const fault = new Error("reset")
      assert.strictEqual(yield* Effect.flip(readBounded(streamOf([utf8("x"), fault]).stream, 8)), fault)
    })
  )
})

describe("the body of an unused response", () => {
  it("is cancelled, so that its connection is freed", () => {
    const { stream, state } = streamOf([utf8("x")])
    cancelBody(stream)
    assert.isTrue(state.cancelled)
  })

  it.effect("is not cancelled if it is locked or absent", () =>
    Effect.gen(function* () {
      const { stream, state } = streamOf([utf8("x")])
      const reader = stream.getReader()
      cancelBody(stream)
      cancelBody(null)
      assert.isFalse(state.cancelled)
      assert.strictEqual((yield* Effect.promise(() => reader.read())).value?.byteLength, 1)
    })
  )
})
