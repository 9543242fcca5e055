import { afterEach, describe, expect, it, vi } from "vitest"
import { eventually, fakeServer, rejection } from "./support/clients.ts"
import { passTime, longLivedClients } from "./support/longLivedClients.ts"

afterEach(() => vi.useRealTimers())

const events = "/api/v1/events?size=1"
const minute = 60_000
/** Reads the clock each time, because a test may set it. */
const now = () => Date.now()

for (const { api, open } of longLivedClients) {
  describe(`the token, with the ${api} API`, () => {
    it("TOK-5: is renewed in the background before it expires, so that no request waits or gets a 401", async () => {
      const server = await fakeServer({ now, jwt: true, tokenRequestLatency: 50 })
      const session = open(server)
      await session.send(events)
      const first = await session.token()
      for (let renewals = 1; renewals <= 3; renewals += 1) {
        const before = await session.token()
        passTime(13 * minute)
        // The call that starts the renewal returns the current token and does not wait for the new one.
        expect((await session.token()).id).toBe(before.id)
        expect((await session.send(events)).status).toBe(200)
        await eventually(() => session.eventsOf("issued").length).toBe(renewals + 1)
        expect((await session.send(events)).status).toBe(200)
      }
      expect(server.stats).toMatchObject({ tokenRequests: 4, unauthorized: 0 })
      expect(first.lifetimeSource).toBe("jwt")
      const [foreground, ...background] = session.eventsOf("issued")
      expect(foreground).toMatchObject({ reason: "first", waited: 1 })
      for (const issued of background) expect(issued).toMatchObject({ reason: "window", waited: 0 })
    })

    it("TOK-5: stays in use while its renewal fails, and is renewed when token requests work again", async () => {
      const server = await fakeServer({ now, jwt: true })
      const session = open(server, { tokenRequest: { tries: 1 }, renewal: { jitter: 0 } })
      await session.send(events)
      server.script([{ on: "token-request", status: 503, times: 1 }])
      passTime(12 * minute)
      expect((await session.send(events)).status).toBe(200)
      await eventually(() => session.eventsOf("renewal-failed").length).toBe(1)
      expect(session.eventsOf("renewal-failed")[0]).toMatchObject({ background: true, code: "ISSUER_UNAVAILABLE" })
      expect((await session.send(events)).status).toBe(200)
      expect(server.stats.tokenRequests).toBe(2)
      await eventually(async () => {
        await session.send(events)
        return session.eventsOf("issued").length
      }).toBe(2)
      expect(server.stats).toMatchObject({ unauthorized: 0, tokenRequests: 3 })
    })

    it("TOK-6: has a lifetime that is learned from two 401 responses, after which no request gets a 401", async () => {
      const server = await fakeServer({ now })
      const session = open(server)
      for (const [source, refusals] of [
        ["unknown", 0],
        ["unknown", 1],
        ["observed", 2],
        ["observed", 2],
        ["observed", 2]
      ] as const) {
        expect((await session.send(events)).status).toBe(200)
        await eventually(async () => (await session.status()).token?.lifetimeSource).toBe(source)
        expect(server.stats.unauthorized).toBe(refusals)
        if (source === "unknown") passTime(15 * minute)
        else {
          const renewals = session.eventsOf("issued").length
          passTime(13 * minute)
          await session.send(events)
          await eventually(() => session.eventsOf("issued").length).toBe(renewals + 1)
        }
      }
      expect(session.eventsOf("rejected").map(({ reason }) => reason)).toEqual(["expired", "expired"])
      expect(server.stats.unauthorized).toBe(2)
    })

    it("TOK-6: has no learned lifetime after revocations", async () => {
      const server = await fakeServer()
      const session = open(server)
      for (let revocations = 0; revocations < 3; revocations += 1) {
        await session.send(events)
        passTime(minute)
        server.revokeTokens()
      }
      await session.send(events)
      expect(session.eventsOf("rejected").map(({ reason }) => reason)).toEqual(["invalid", "invalid", "invalid"])
      expect((await session.status()).token?.lifetimeSource).toBe("unknown")
    })

    for (const skew of [-60 * minute, 60 * minute]) {
      it(`TOK-9: is used although the server's clock differs by ${skew / minute} minutes`, async () => {
        const server = await fakeServer({ jwt: true, now: () => Date.now() + skew })
        const session = open(server)
        for (let requests = 0; requests < 20; requests += 1) await session.send(events)
        const { token } = await session.status()
        expect(token?.lifetimeSource).toBe("jwt")
        expect(server.stats).toMatchObject({ tokenRequests: 1, unauthorized: 0 })
      })
    }
  })

  describe(`TOK-10: a 429 to the token request, with the ${api} API`, () => {
    it("TOK-10: is retried if the wait is within maxWait", async () => {
      const server = await fakeServer()
      server.script([{ on: "token-request", status: 429, headers: { "retry-after": "1" } }])
      const session = open(server)
      const from = performance.now()
      expect((await session.send(events)).status).toBe(200)
      expect(performance.now() - from).toBeGreaterThan(950)
      expect(server.stats.tokenRequests).toBe(2)
      expect(session.eventsOf("renewal-failed")).toEqual([])
    })

    it("KEY-2: is RATE_LIMITED if the wait is longer, and no token request is sent until then", async () => {
      const server = await fakeServer()
      const reset = Math.ceil(Date.now() / 1_000) + 60
      server.script([
        { on: "token-request", status: 429, body: { detail: { message: "Slow down.", limit: 10, reset } } }
      ])
      const session = open(server)
      for (let callers = 0; callers < 10; callers += 1) {
        const error = await rejection(session.send(events))
        expect(error).toMatchObject({ code: "RATE_LIMITED", retryAt: reset * 1_000, reason: { limit: 10 } })
      }
      expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 0 })
      expect(session.eventsOf("renewal-failed")).toHaveLength(1)
      passTime(61_000)
      expect((await session.send(events)).status).toBe(200)
    })
  })

  describe(`TOK-8: the limit of token requests, with the ${api} API`, () => {
    it("TOK-8: a server that rejects every token gets at most ten token requests", async () => {
      const server = await fakeServer()
      server.script([{ on: "general", status: 401, times: 1_000, body: { detail: { message: "Invalid token." } } }])
      const session = open(server, { budget: { perSecond: 0.001 } })
      const codes: Array<unknown> = []
      for (let requests = 0; requests < 30; requests += 1) {
        codes.push(
          await session.send(events).then(
            ({ status }) => status,
            (error: { readonly code: unknown }) => error.code
          )
        )
      }
      const refused = api === "promise" ? 401 : "TOKEN_INVALID"
      expect(codes.slice(0, 9)).toEqual(Array(9).fill(refused))
      expect(new Set(codes.slice(9))).toEqual(new Set(["TOKEN_REQUEST_LIMITED"]))
      expect(server.stats.tokenRequests).toBe(10)
      expect(session.eventsOf("token-request-limited")).toHaveLength(1)
    })
  })
}
