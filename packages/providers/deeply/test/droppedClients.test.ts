import { createDeeply } from "@tokenkeep/deeply"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { describe, expect, it } from "vitest"
import { fakeServer } from "./support/clients.ts"
import { collectGarbage } from "./support/garbage.ts"

const clients = 30

describe("RUN-2: clients that were dropped without dispose", () => {
  it.each([
    ["with storages of their own", () => ({})],
    [
      "with one storage",
      () => {
        const storage = MemoryStorage.layer()
        return () => ({ storage })
      }
    ]
  ])("are garbage, %s", async (_, optionsOf) => {
    const server = await fakeServer()
    const shared = optionsOf()
    const held: Array<WeakRef<object>> = []
    // In a function of its own: no variable of this test refers to a client.
    const useOne = async () => {
      const onTokenEvent = () => undefined
      held.push(new WeakRef(onTokenEvent))
      const options = typeof shared === "function" ? shared() : shared
      const deeply = createDeeply({ apiKey: server.apiKey, host: server.host, onTokenEvent, ...options })
      await (await deeply.fetch("/api/v1/mics")).text()
    }
    for (let index = 0; index < clients; index += 1) await useOne()
    const living = () => {
      collectGarbage()
      return held.filter((ref) => ref.deref() !== undefined).length
    }
    await expect.poll(living, { interval: 5 }).toBeLessThan(clients / 5)
  })
})

describe("TOK-2: clients that are created one after the other", () => {
  it("share the token of one memory storage, although each is disposed before the next", async () => {
    const server = await fakeServer()
    const storage = MemoryStorage.layer()
    for (let index = 0; index < 15; index += 1) {
      await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host, storage })
      expect((await deeply.fetch("/api/v1/mics")).status).toBe(200)
    }
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("share a transport, also if their storages differ", async () => {
    const { FetchTransport } = await import("@tokenkeep/transport-fetch")
    const { Transport } = await import("@tokenkeep/core")
    const Layer = await import("effect/Layer")
    const Effect = await import("effect/Effect")
    const server = await fakeServer()
    let built = 0
    const transport = Layer.effect(
      Transport,
      Effect.map(Transport, (service) => {
        built += 1
        return service
      })
    ).pipe(Layer.provide(FetchTransport.layer()))
    const all = Array.from({ length: 3 }, () => createDeeply({ apiKey: server.apiKey, host: server.host, transport }))
    await Promise.all(all.map((deeply) => deeply.token()))
    expect(built).toBe(1)
    await Promise.all(all.map((deeply) => deeply.dispose()))
  })
})
