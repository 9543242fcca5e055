import { assert, describe, it } from "@effect/vitest"
import { once } from "node:events"
import { setImmediate as turn } from "node:timers/promises"
import type { TokenEvent } from "../src/index.ts"
import { eventHub } from "../src/internal/eventHub.ts"
import { numbered, numbersOf, taken, untilEnd } from "./support/readers.ts"

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

const readerOf = (hub: ReturnType<typeof eventHub>) => hub.events()[Symbol.asyncIterator]()

const emitAll = (hub: ReturnType<typeof eventHub>, from: number, to: number) =>
  range(from, to).forEach((at) => hub.emit(numbered(at)))

describe("OBS-1: a reader of the events", () => {
  it("gets what was kept, then what comes, in order and once", async () => {
    const hub = eventHub(undefined)
    emitAll(hub, 1, 3)
    const reader = readerOf(hub)
    assert.deepStrictEqual(numbersOf(await taken(reader, 3)), [1, 2, 3])
    const waiting = taken(reader, 2)
    await turn()
    emitAll(hub, 4, 5)
    assert.deepStrictEqual(numbersOf(await waiting), [4, 5])
  })

  it("that comes late gets the last 256, and is not told of what was before its time", async () => {
    const hub = eventHub(undefined)
    emitAll(hub, 1, 300)
    hub.end()
    const events = await untilEnd(hub.events())
    assert.deepStrictEqual(numbersOf(events), range(45, 300))
  })

  it("that is too slow loses the oldest, and is told once how many", async () => {
    const hub = eventHub(undefined)
    const reader = readerOf(hub)
    emitAll(hub, 1, 256)
    assert.deepStrictEqual(numbersOf(await taken(reader, 1)), [1])
    emitAll(hub, 257, 300)
    const [dropped, ...rest] = await taken(reader, 257)
    assert.deepStrictEqual(dropped, { type: "events-dropped", at: 45, dropped: 43 })
    assert.deepStrictEqual(numbersOf(rest), range(45, 300))
    emitAll(hub, 301, 700)
    const [again] = await taken(reader, 1)
    assert.deepInclude(again, { type: "events-dropped", dropped: 144 })
  })

  it("is as many as there are, each at its own pace", async () => {
    const hub = eventHub(undefined)
    const readers = Array.from({ length: 100 }, () => readerOf(hub))
    emitAll(hub, 1, 10)
    const got = await Promise.all(readers.map((reader, index) => taken(reader, index % 10)))
    for (const [index, events] of got.entries()) assert.deepStrictEqual(numbersOf(events), range(1, index % 10))
    hub.end()
    for (const [index, reader] of readers.entries()) {
      const rest = await untilEnd({ [Symbol.asyncIterator]: () => reader })
      assert.lengthOf(rest, 10 - (index % 10))
    }
  })

  it("may ask for several at once, and gets them in the order it asked", async () => {
    const hub = eventHub(undefined)
    const reader = readerOf(hub)
    const asked = [reader.next(), reader.next(), reader.next()]
    emitAll(hub, 1, 2)
    hub.end()
    const results = await Promise.all(asked)
    assert.deepStrictEqual(
      results.map(({ done, value }) => (done === true ? "end" : value?.at)),
      [1, 2, "end"]
    )
  })
})

describe("OBS-1: a reader that leaves", () => {
  it("while it waits is let go, and hears nothing more", async () => {
    const hub = eventHub(undefined)
    const reader = readerOf(hub)
    const waiting = [reader.next(), reader.next()]
    assert.deepStrictEqual(await reader.return?.(), { done: true, value: undefined })
    for (const result of await Promise.all(waiting)) assert.isTrue(result.done)
    emitAll(hub, 1, 3)
    assert.isTrue((await reader.next()).done)
  })

  it("in the middle, by a break, leaves what it did not read, and the others", async () => {
    const hub = eventHub(undefined)
    const other = readerOf(hub)
    emitAll(hub, 1, 5)
    const seen: Array<number> = []
    for await (const { at } of hub.events()) {
      seen.push(at)
      if (at === 2) break
    }
    assert.deepStrictEqual(seen, [1, 2])
    assert.lengthOf(await taken(other, 5), 5)
  })
})

describe("RUN-2: the end of the events", () => {
  it("comes after what is not read yet, for those who wait and those who come later", async () => {
    const hub = eventHub(undefined)
    emitAll(hub, 1, 2)
    const early = untilEnd(hub.events())
    await turn()
    hub.emit(numbered(3))
    hub.end()
    hub.end()
    assert.deepStrictEqual(numbersOf(await early), [1, 2, 3])
    assert.deepStrictEqual(numbersOf(await untilEnd(hub.events())), [1, 2, 3])
  })
})

describe("OBS-1: a listener", () => {
  it("hears every event, whoever reads besides", () => {
    const heard: Array<TokenEvent> = []
    const hub = eventHub((event) => void heard.push(event))
    emitAll(hub, 1, 300)
    assert.deepStrictEqual(numbersOf(heard), range(1, 300))
  })

  it("that throws, or fails later, harms neither the readers nor the process", async () => {
    const unhandled: Array<unknown> = []
    const note = (error: unknown) => unhandled.push(error)
    process.on("unhandledRejection", note)
    for (const listener of [
      () => {
        throw new Error("listener")
      },
      () => Promise.reject(new Error("listener"))
    ]) {
      const hub = eventHub(listener)
      const reader = readerOf(hub)
      emitAll(hub, 1, 2)
      assert.deepStrictEqual(numbersOf(await taken(reader, 2)), [1, 2])
    }
    await turn()
    await turn()
    process.off("unhandledRejection", note)
    assert.deepStrictEqual(unhandled, [])
  })

  it("that causes an event itself does not put them out of order", async () => {
    const heard: Array<number> = []
    const hub = eventHub(({ at }) => {
      heard.push(at)
      if (at < 3) hub.emit(numbered(at + 1))
    })
    const reader = readerOf(hub)
    hub.emit(numbered(1))
    assert.deepStrictEqual(heard, [1, 2, 3])
    assert.deepStrictEqual(numbersOf(await taken(reader, 3)), [1, 2, 3])
  })

  it("that ends everything, or reads, inside an event does so", async () => {
    const hub = eventHub(() => hub.end())
    const waiting = untilEnd(hub.events())
    await turn()
    hub.emit(numbered(1))
    assert.deepStrictEqual(numbersOf(await waiting), [1])
    const { promise, resolve } = Promise.withResolvers<ReadonlyArray<TokenEvent>>()
    const reading: ReturnType<typeof eventHub> = eventHub(() => resolve(taken(readerOf(reading), 1)))
    reading.emit(numbered(7))
    assert.deepStrictEqual(numbersOf(await promise), [7])
  })
})

describe("RUN-2: nobody's process", () => {
  it("is kept alive by a reader that waits", async () => {
    const { Worker } = await import("node:worker_threads")
    const hub = new URL("../src/internal/eventHub.ts", import.meta.url).href
    const program = `
      import(${JSON.stringify(hub)}).then(({ eventHub }) => {
        eventHub(undefined).events()[Symbol.asyncIterator]().next().then(() => process.exit(7))
      })
    `
    const [code] = (await once(new Worker(program, { eval: true }), "exit")) as [number]
    assert.strictEqual(code, 0)
  })
})
