import type { TokenEvent } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { describe, expect, it } from "vitest"
import { clientOf, fakeServer } from "./support/clients.ts"

const path = "/api/v1/events?size=1"

describe("OBS-1: token events of the promise API", () => {
  it("OBS-1: report every renewal with its reason, and no secret", async () => {
    const server = await fakeServer()
    const received: Array<TokenEvent> = []
    const deeply = clientOf(server, { onTokenEvent: (event) => void received.push(event) })
    await deeply.fetch(path)
    const token = await deeply.token()
    server.expireTokens()
    await deeply.fetch(path)
    server.revokeTokens()
    await deeply.fetch(path)
    await deeply.dispose()
    expect(received.map((event) => [event.type, "reason" in event ? event.reason : undefined])).toEqual([
      ["renewal-started", "first"],
      ["issued", "first"],
      ["rejected", "expired"],
      ["renewal-started", "rejected"],
      ["issued", "rejected"],
      ["rejected", "invalid"],
      ["renewal-started", "rejected"],
      ["issued", "rejected"]
    ])
    expect(received[1]).toMatchObject({ tokenId: token.id, waited: 1 })
    assertNoSecrets(JSON.stringify(received), [server.apiKey, token.reveal()])
  })

  it.each([
    [
      "throws",
      () => {
        throw new Error("listener")
      }
    ],
    [
      "rejects",
      async () => {
        throw new Error("listener")
      }
    ]
  ])("OBS-1: a listener that %s does not affect requests", async (_, onTokenEvent) => {
    const server = await fakeServer()
    const deeply = clientOf(server, { onTokenEvent })
    expect((await deeply.fetch(path)).status).toBe(200)
    server.expireTokens()
    expect((await deeply.fetch(path)).status).toBe(200)
  })
})
