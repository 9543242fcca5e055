import { afterEach, describe, expect, it, vi } from "vitest"
import { fakeServer, rejection } from "./support/clients.ts"
import { passTime, longLivedClients } from "./support/longLivedClients.ts"

afterEach(() => vi.useRealTimers())

const events = "/api/v1/events?size=1"

for (const { api, open } of longLivedClients) {
  describe(`a rejected key, with the ${api} API`, () => {
    it("KEY-2: is not sent again during its cool-down, and a new key of the function is used without a restart", async () => {
      const server = await fakeServer()
      let key = server.apiKey
      const session = open(server, { apiKey: () => key })
      await session.send(events)
      server.revokeKey()
      // Tokens that were issued before stay valid.
      expect((await session.send(events)).status).toBe(200)
      server.expireTokens()
      const errors = await Promise.all(Array.from({ length: 20 }, () => rejection(session.send(events))))
      for (let again = 0; again < 20; again += 1) errors.push(await rejection(session.send(events)))
      for (const error of errors) {
        expect(error).toMatchObject({ code: "API_KEY_REJECTED", retryable: false })
        expect(error).toHaveProperty("retryAt", expect.closeTo(Date.now() + 30_000, -4))
      }
      expect(server.stats.tokenRequests).toBe(2)
      expect((await session.status()).state).toBe("key-rejected")
      expect(session.eventsOf("key-rejected")).toHaveLength(1)
      key = server.rotateKey()
      expect((await session.send(events)).status).toBe(200)
      expect((await session.status()).state).toBe("fresh")
      expect(server.stats).toMatchObject({ tokenRequests: 3, apiKeyLeaks: 0 })
    })

    it("KEY-2: is tried again after its cool-down, which doubles each time", async () => {
      const server = await fakeServer()
      server.revokeKey()
      const session = open(server)
      for (const [calls, cooldown] of [
        [1, 30_000],
        [2, 60_000],
        [3, 120_000],
        [4, 120_000]
      ] as const) {
        await rejection(session.send(events))
        const error = await rejection(session.send(events))
        expect(error).toHaveProperty("retryAt", expect.closeTo(Date.now() + cooldown, -4))
        expect(server.stats.tokenRequests).toBe(calls)
        passTime(cooldown)
      }
    })

    it("KEY-2: is tried again at once after retryKey; the message says if the 403 is not as documented", async () => {
      const server = await fakeServer()
      server.script([{ on: "token-request", status: 403, body: "<html>Please log in</html>" }])
      const session = open(server)
      const error = await rejection(session.send(events))
      expect(error).toMatchObject({
        code: "API_KEY_REJECTED",
        message: expect.stringMatching(/not with the token endpoint's documented response/)
      })
      await rejection(session.send(events))
      expect(server.stats.tokenRequests).toBe(1)
      await session.retryKey()
      expect((await session.send(events)).status).toBe(200)
    })
  })

  describe(`two keys that overlap, with the ${api} API`, () => {
    it("KEY-3: the second key is used if the first is rejected, and no request fails", async () => {
      const server = await fakeServer()
      const first = server.apiKey
      let next: string | undefined
      const session = open(server, { apiKey: [first, () => next] })
      expect((await session.send(events)).status).toBe(200)
      next = server.rotateKey()
      server.expireTokens()
      const responses = await Promise.all(Array.from({ length: 20 }, () => session.send(events)))
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
      // One token, then the first key is rejected and the second one accepted.
      expect(server.stats).toMatchObject({ tokenRequests: 3, apiKeyLeaks: 0 })
      expect(session.eventsOf("key-rotated")).toMatchObject([{ key: "api-key-next" }])
      expect(session.eventsOf("renewal-failed")).toEqual([])
      server.expireTokens()
      await session.send(events)
      expect(server.stats.tokenRequests).toBe(4)
      expect(JSON.stringify(session.events)).not.toContain(next)
      expect(JSON.stringify(session.events)).not.toContain(first)
    })

    it("KEY-1: the second key in a request is rejected too", async () => {
      const server = await fakeServer()
      const next = "dk_next_9f2c61d0_canary"
      const session = open(server, { apiKey: [server.apiKey, next] })
      await session.send(events)
      const misuse = session.send(events, { headers: { "x-key": next } })
      expect(await rejection(misuse)).toMatchObject({ code: "CREDENTIAL_MISUSED" })
    })
  })
}
