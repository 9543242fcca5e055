import { TokenStorage } from "@tokenkeep/core"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { describe, expect, it } from "vitest"

const run = Effect.runPromise

const storageOf = (layer = MemoryStorage.layer()) => run(Effect.provide(TokenStorage, layer))

describe("MemoryStorage", () => {
  it("STO-1: declares that it is neither durable nor shared", async () => {
    expect((await storageOf()).capabilities).toEqual({
      durable: false,
      shared: false,
      acquireLease: true,
      watch: true,
      exclusive: true
    })
  })

  it("STO-1: loads what was saved, under the same name only", async () => {
    const storage = await storageOf()
    expect(await run(storage.load("a"))).toBeUndefined()
    expect(await run(storage.save("a", { text: "one", fence: 1 }))).toBe(true)
    expect(await run(storage.save("b", { text: "two", fence: 1 }))).toBe(true)
    expect(await run(storage.load("a"))).toEqual({ text: "one", fence: 1 })
    expect(await run(storage.load("b"))).toEqual({ text: "two", fence: 1 })
    expect(await run(storage.load("A"))).toBeUndefined()
  })

  it("STO-1: stores any text under any name unchanged", async () => {
    const storage = await storageOf()
    for (const odd of ["", "\0", "__proto__", "constructor", "ключ\n", "x".repeat(100_000)]) {
      expect(await run(storage.load(odd))).toBeUndefined()
      await run(storage.save(odd, { text: odd, fence: 1 }))
      expect(await run(storage.load(odd))).toEqual({ text: odd, fence: 1 })
    }
  })

  it.each([
    [1, 2, true],
    [1, 1, true],
    [2, 1, false],
    [-5, 0, true],
    [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER, true]
  ])("STO-1: after fence %d, a save with fence %d returns %s", async (first, second, saves) => {
    const storage = await storageOf()
    await run(storage.save("a", { text: "first", fence: first }))
    expect(await run(storage.save("a", { text: "second", fence: second }))).toBe(saves)
    expect((await run(storage.load("a")))?.text).toBe(saves ? "second" : "first")
  })

  it("STO-1: forgets a removed record, and then accepts any fence", async () => {
    const storage = await storageOf()
    await run(storage.save("a", { text: "one", fence: 5 }))
    await run(storage.save("b", { text: "two", fence: 5 }))
    await run(storage.remove("a"))
    await run(storage.remove("never there"))
    expect(await run(storage.load("a"))).toBeUndefined()
    expect((await run(storage.load("b")))?.text).toBe("two")
    expect(await run(storage.save("a", { text: "again", fence: 1 }))).toBe(true)
  })

  it("TOK-2: each layer is a separate storage", async () => {
    const [first, second] = [await storageOf(), await storageOf()]
    await run(first.save("a", { text: "one", fence: 1 }))
    expect(await run(second.load("a"))).toBeUndefined()
  })

  it("TOK-2: clients with the same layer object share one storage, which lives as long as that object", async () => {
    const memoMap = Layer.makeMemoMapUnsafe()
    const layer = MemoryStorage.layer()
    const build = async () => {
      const scope = Scope.makeUnsafe()
      const storage = Context.get(await run(Layer.buildWithMemoMap(layer, memoMap, scope)), TokenStorage)
      return { storage, release: () => run(Scope.close(scope, Exit.void)) }
    }
    const [first, second] = [await build(), await build()]
    await run(first.storage.save("a", { text: "one", fence: 1 }))
    expect((await run(second.storage.load("a")))?.text).toBe("one")
    await first.release()
    const third = await build()
    expect((await run(third.storage.load("a")))?.text).toBe("one")
    await second.release()
    await third.release()
    expect((await run((await build()).storage.load("a")))?.text).toBe("one")
  })
})
