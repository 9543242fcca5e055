import type { TokenEvent } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { describe, expect, it } from "vitest"
import { clientOf, fakeServer } from "./support/clients.ts"

const events = "/api/v1/events?size=1"

const read = async (stream: AsyncIterable<TokenEvent>): Promise<ReadonlyArray<TokenEvent>> => {
  const all: Array<TokenEvent> = []
  for await (const event of stream) all.push(event)
  return all
}

describe("OBS-1: events of the promise door", () => {
  it("OBS-1: tell every renewal and why, to the listener and to all readers alike, until the dispose", async () => {
    const server = await fakeServer()
    const heard: Array<TokenEvent> = []
    const deeply = clientOf(server, { onEvent: (event) => void heard.push(event) })
    const early = read(deeply.events())
    await deeply.fetch(events)
    const token = await deeply.token()
    server.expireTokens()
    await deeply.fetch(events)
    server.revokeTokens()
    await deeply.fetch(events)
    const late = read(deeply.events())
    await deeply.dispose()
    expect(heard.map((event) => [event.type, "reason" in event ? event.reason : undefined])).toEqual([
      ["renewal-started", "first"],
      ["issued", "first"],
      ["rejected", "expired"],
      ["renewal-started", "rejected"],
      ["issued", "rejected"],
      ["rejected", "invalid"],
      ["renewal-started", "rejected"],
      ["issued", "rejected"]
    ])
    expect(await early).toEqual(heard)
    expect(await late).toEqual(heard)
    expect(heard[1]).toMatchObject({ tokenId: token.id, waited: 1 })
    assertNoSecrets(JSON.stringify(heard), [server.apiKey, token.reveal()])
  })

  it("OBS-1: a listener that throws or fails later, and a reader that leaves, harm no request", async () => {
    const server = await fakeServer()
    for (const onEvent of [
      () => {
        throw new Error("listener")
      },
      async () => {
        throw new Error("listener")
      }
    ]) {
      const deeply = clientOf(server, { onEvent })
      const reading = (async () => {
        for await (const { type } of deeply.events()) return type
        return "none"
      })()
      expect((await deeply.fetch(events)).status).toBe(200)
      expect(await reading).toBe("renewal-started")
      server.expireTokens()
      expect((await deeply.fetch(events)).status).toBe(200)
    }
  })
})
