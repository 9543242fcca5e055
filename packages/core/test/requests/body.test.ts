import { assert, describe, it } from "@effect/vitest"
import { Readable } from "node:stream"
import { runInNewContext } from "node:vm"
import * as Effect from "effect/Effect"
import { type Body, bodyOf, readBody } from "../../src/requests/body.ts"

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** What a transport sends for a body. */
const sent = (body: Body): Promise<string> => {
  if (body._tag !== "Replayable" && body._tag !== "Once") return Promise.reject(new Error(body._tag))
  return new Response(body.value).text()
}

const streamOf = (...chunks: ReadonlyArray<string>) => {
  const state = { pulled: 0, cancelled: undefined as unknown }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[state.pulled]
        state.pulled += 1
        return chunk === undefined ? controller.close() : controller.enqueue(bytesOf(chunk))
      },
      cancel: (reason) => {
        state.cancelled = reason
      }
    },
    { highWaterMark: 0 }
  )
  return { stream, state }
}

describe("REQ-2: bodies that can be replayed", () => {
  const form = new FormData()
  form.set("a", "1")
  const replayable: ReadonlyArray<readonly [what: string, body: BodyInit]> = [
    ["a string", "text"],
    ["an empty string", ""],
    ["bytes", bytesOf("text")],
    ["an ArrayBuffer", bytesOf("text").buffer],
    ["a DataView", new DataView(bytesOf("text").buffer)],
    ["a Blob", new Blob(["text"])],
    ["a form", form],
    ["a query", new URLSearchParams({ a: "1" })]
  ]
  for (const [what, body] of replayable) {
    it(`${what} can`, () => assert.strictEqual(bodyOf(body)._tag, "Replayable"))
  }

  it.each(["bytes.buffer", "bytes", "new DataView(bytes.buffer)"])(
    "keep what they were when the caller changes them, also if they are of another realm: %s",
    async (expression) => {
      const context = { bytes: undefined as unknown as Uint8Array }
      const given = runInNewContext(`bytes = Uint8Array.of(97, 98, 99); ${expression}`, context) as BodyInit
      const body = bodyOf(given)
      context.bytes.fill(120)
      assert.strictEqual(await sent(body), "abc")
    }
  )

  it("do not include streams, which are sent once as the same object: the platform's, Node's, and any async iterable", () => {
    const { stream } = streamOf("text")
    const streams: ReadonlyArray<unknown> = [stream, Readable.from(["text"]), (async function* () {})()]
    for (const body of streams) {
      const once = bodyOf(body as BodyInit)
      assert.strictEqual(once._tag, "Once")
      assert.strictEqual(once._tag === "Once" && once.value, body)
    }
  })

  it("do not include an absent body", () => {
    assert.deepStrictEqual(bodyOf(undefined), { _tag: "None" })
    assert.deepStrictEqual(bodyOf(null), { _tag: "None" })
  })
})

describe("REQ-2: changes after the call are not sent", () => {
  const isKept = async (body: BodyInit, change: () => void) => {
    const before = await new Response(body).text()
    const kept = bodyOf(body)
    change()
    assert.notStrictEqual(await new Response(body).text(), before)
    assert.strictEqual(await sent(kept), before)
    assert.strictEqual(await sent(kept), before)
  }

  it("bytes", () => {
    const bytes = bytesOf("text")
    return isKept(bytes, () => bytes.fill(65))
  })

  it("a part of a buffer, without the rest of it", async () => {
    const whole = bytesOf("a text b")
    const part = whole.subarray(2, 6)
    await isKept(part, () => whole.fill(65))
    assert.strictEqual(await sent(bodyOf(new DataView(bytesOf("a text b").buffer, 2, 4))), "text")
  })

  it("an ArrayBuffer", () => {
    const bytes = bytesOf("text")
    return isKept(bytes.buffer, () => bytes.fill(65))
  })

  it("a query", () => {
    const query = new URLSearchParams({ a: "1" })
    return isKept(query, () => query.set("a", "2"))
  })

  it("a form, with its files and repeated names", async () => {
    const form = new FormData()
    form.append("a", "1")
    form.append("a", "2")
    form.append("file", new Blob(["text"], { type: "text/plain" }), "name.txt")
    const kept = bodyOf(form)
    form.set("a", "3")
    assert.ok(kept._tag === "Replayable" && kept.value instanceof FormData)
    assert.deepStrictEqual(kept.value.getAll("a"), ["1", "2"])
    const file = kept.value.get("file")
    assert.ok(file instanceof File)
    assert.deepStrictEqual([file.name, file.type, await file.text()], ["name.txt", "text/plain", "text"])
  })
})

describe("REQ-2: the body of a Request", () => {
  const read = (stream: ReadableStream<Uint8Array>, limit: number) => readBody({ _tag: "Unread", stream }, limit)

  for (const [bytes, tag] of [
    [7, "Replayable"],
    [8, "Replayable"],
    [9, "Once"]
  ] as const) {
    it.effect(`of ${bytes} bytes under a limit of 8 is ${tag}, and all of it is sent`, () =>
      Effect.gen(function* () {
        const text = "123456789".slice(0, bytes)
        for (const chunks of [[text], text.split(""), [text.slice(0, 3), "", text.slice(3)]]) {
          const body = yield* read(streamOf(...chunks).stream, 8)
          assert.strictEqual(body._tag, tag)
          assert.strictEqual(yield* Effect.promise(() => sent(body)), text)
        }
      })
    )
  }

  it.effect("that is empty can be replayed, also with a limit of zero", () =>
    Effect.gen(function* () {
      const body = yield* read(streamOf().stream, 0)
      assert.strictEqual(body._tag, "Replayable")
      assert.strictEqual((yield* read(streamOf("x").stream, 0))._tag, "Once")
    })
  )

  it.effect(
    "beyond the limit is not read further until it is sent, and is cancelled together with the stream that is sent",
    () =>
      Effect.gen(function* () {
        const { stream, state } = streamOf("12345678", "9", "10", "11", "12", "13")
        const body = yield* read(stream, 8)
        assert.strictEqual(state.pulled, 2)
        assert.ok(body._tag === "Once" && body.value instanceof ReadableStream)
        const { value } = body
        yield* Effect.promise(() => value.cancel("given up"))
        assert.strictEqual(state.cancelled, "given up")
      })
  )

  it.effect("that fails, fails with the same error: within the limit at once, beyond it when it is sent", () =>
    Effect.gen(function* () {
      const fault = new Error("disk")
      const failing = (first: string) => {
        let pulled = 0
        return new ReadableStream<Uint8Array>(
          {
            pull: (controller) => {
              pulled += 1
              return pulled === 1 ? controller.enqueue(bytesOf(first)) : controller.error(fault)
            }
          },
          { highWaterMark: 0 }
        )
      }
      assert.strictEqual(yield* Effect.flip(read(failing("1"), 8)), fault)
      const body = yield* read(failing("123456789"), 8)
      assert.ok(body._tag === "Once" && body.value instanceof ReadableStream)
      const reader = body.value.getReader()
      assert.strictEqual((yield* Effect.promise(() => reader.read())).value?.byteLength, 9)
      const error = yield* Effect.promise(() => reader.read().catch((reason: unknown) => reason))
      assert.strictEqual(error, fault)
    })
  )
})
