import { afterEach, describe, expect, it, vi } from "vitest"
import { fakeServer, rejection } from "./support/clients.ts"
import { passTime, sessions } from "./support/sessions.ts"

afterEach(() => vi.useRealTimers())

const events = "/api/v1/events?size=1"

for (const { door, open } of sessions) {
  describe(`a rejected key through the ${door} door`, () => {
    it("KEY-2: is not hammered, and a new one from the function is used without a restart", async () => {
      const server = await fakeServer()
      let key = server.apiKey
      const session = open(server, { apiKey: () => key })
      await session.send(events)
      server.revokeKey()
      // Tokens that were issued stay good.
      expect((await session.send(events)).status).toBe(200)
      server.expireTokens()
      const errors = await Promise.all(Array.from({ length: 20 }, () => rejection(session.send(events))))
      for (let again = 0; again < 20; again += 1) errors.push(await rejection(session.send(events)))
      for (const error of errors) {
        expect(error).toMatchObject({ code: "API_KEY_REJECTED", retryable: false })
        expect(error).toHaveProperty("retryAt", expect.closeTo(Date.now() + 30_000, -4))
      }
      expect(server.stats.issueCalls).toBe(2)
      expect((await session.status()).state).toBe("key-rejected")
      expect(session.told("key-rejected")).toHaveLength(1)
      key = server.rotateKey()
      expect((await session.send(events)).status).toBe(200)
      expect((await session.status()).state).toBe("fresh")
      expect(server.stats).toMatchObject({ issueCalls: 3, apiKeyLeaks: 0 })
    })

    it("KEY-2: is tried again after its cooldown, and then twice as long not", async () => {
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
        expect(server.stats.issueCalls).toBe(calls)
        passTime(cooldown)
      }
    })

    it("KEY-2: is tried again at once after retryKey, and a portal's page is told from the issuer's own words", async () => {
      const server = await fakeServer()
      server.script([{ on: "issue", status: 403, body: "<html>Please log in</html>" }])
      const session = open(server)
      const error = await rejection(session.send(events))
      expect(error).toMatchObject({ code: "API_KEY_REJECTED", message: expect.stringMatching(/not the issuer's own/) })
      await rejection(session.send(events))
      expect(server.stats.issueCalls).toBe(1)
      await session.retryKey()
      expect((await session.send(events)).status).toBe(200)
    })
  })

  describe(`two keys that overlap, through the ${door} door`, () => {
    it("KEY-3: the next one takes over when the first is refused, and no request fails", async () => {
      const server = await fakeServer()
      const first = server.apiKey
      let next: string | undefined
      const session = open(server, { apiKey: [first, () => next] })
      expect((await session.send(events)).status).toBe(200)
      next = server.rotateKey()
      server.expireTokens()
      const responses = await Promise.all(Array.from({ length: 20 }, () => session.send(events)))
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
      // One token, then the first key refused and the next one accepted.
      expect(server.stats).toMatchObject({ issueCalls: 3, apiKeyLeaks: 0 })
      expect(session.told("key-rotated")).toMatchObject([{ key: "api-key-next" }])
      expect(session.told("renewal-failed")).toEqual([])
      server.expireTokens()
      await session.send(events)
      expect(server.stats.issueCalls).toBe(4)
      expect(JSON.stringify(session.events)).not.toContain(next)
      expect(JSON.stringify(session.events)).not.toContain(first)
    })

    it("KEY-1: the next key is caught in a request as well", async () => {
      const server = await fakeServer()
      const next = "dk_next_9f2c61d0_canary"
      const session = open(server, { apiKey: [server.apiKey, next] })
      await session.send(events)
      const misuse = session.send(events, { headers: { "x-key": next } })
      expect(await rejection(misuse)).toMatchObject({ code: "API_KEY_MISUSED" })
    })
  })
}
