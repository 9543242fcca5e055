import { afterEach, describe, expect, it, vi } from "vitest"
import { eventually, fakeServer, rejection } from "./support/clients.ts"
import { passTime, sessions } from "./support/sessions.ts"

afterEach(() => vi.useRealTimers())

const events = "/api/v1/events?size=1"
const minute = 60_000
/** Asked each time: the clock may be set in between. */
const now = () => Date.now()

for (const { door, open } of sessions) {
  describe(`the token's life through the ${door} door`, () => {
    it("TOK-5: is renewed in the background before its end, and nobody waits or is refused", async () => {
      const server = await fakeServer({ now, jwt: true, issueLatency: 50 })
      const session = open(server)
      await session.send(events)
      const first = await session.token()
      for (let renewals = 1; renewals <= 3; renewals += 1) {
        const before = await session.token()
        passTime(13 * minute)
        // The hit that starts it is served with the good token, which a wait for the new one would not be.
        expect((await session.token()).id).toBe(before.id)
        expect((await session.send(events)).status).toBe(200)
        await eventually(() => session.told("issued").length).toBe(renewals + 1)
        expect((await session.send(events)).status).toBe(200)
      }
      expect(server.stats).toMatchObject({ issueCalls: 4, unauthorized: 0 })
      expect(first.lifetimeSource).toBe("jwt")
      const [foreground, ...background] = session.told("issued")
      expect(foreground).toMatchObject({ reason: "first", waited: 1 })
      for (const issued of background) expect(issued).toMatchObject({ reason: "window", waited: 0 })
    })

    it("TOK-5: stays good while its renewal fails, and is renewed when the issuer works again", async () => {
      const server = await fakeServer({ now, jwt: true })
      const session = open(server, { issue: { tries: 1 }, renewal: { jitter: 0 } })
      await session.send(events)
      server.script([{ on: "issue", status: 503, times: 1 }])
      passTime(12 * minute)
      expect((await session.send(events)).status).toBe(200)
      await eventually(() => session.told("renewal-failed").length).toBe(1)
      expect(session.told("renewal-failed")[0]).toMatchObject({ background: true, code: "ISSUER_UNAVAILABLE" })
      expect((await session.send(events)).status).toBe(200)
      expect(server.stats.issueCalls).toBe(2)
      await eventually(async () => {
        await session.send(events)
        return session.told("issued").length
      }).toBe(2)
      expect(server.stats).toMatchObject({ unauthorized: 0, issueCalls: 3 })
    })

    it("TOK-6: is learned from two expired refusals, and from then on nobody is refused any more", async () => {
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
          const renewals = session.told("issued").length
          passTime(13 * minute)
          await session.send(events)
          await eventually(() => session.told("issued").length).toBe(renewals + 1)
        }
      }
      expect(session.told("rejected").map(({ reason }) => reason)).toEqual(["expired", "expired"])
      expect(server.stats.unauthorized).toBe(2)
    })

    it("TOK-6: is not learned from revocations", async () => {
      const server = await fakeServer()
      const session = open(server)
      for (let revocations = 0; revocations < 3; revocations += 1) {
        await session.send(events)
        passTime(minute)
        server.revokeTokens()
      }
      await session.send(events)
      expect(session.told("rejected").map(({ reason }) => reason)).toEqual(["invalid", "invalid", "invalid"])
      expect((await session.status()).token?.lifetimeSource).toBe("unknown")
    })

    for (const skew of [-60 * minute, 60 * minute]) {
      it(`TOK-9: is the one it has, although the server's clock is ${skew / minute} minutes off`, async () => {
        const server = await fakeServer({ jwt: true, now: () => Date.now() + skew })
        const session = open(server)
        for (let requests = 0; requests < 20; requests += 1) await session.send(events)
        const { token } = await session.status()
        expect(token?.lifetimeSource).toBe("jwt")
        expect(server.stats).toMatchObject({ issueCalls: 1, unauthorized: 0 })
      })
    }
  })

  describe(`TOK-10: 429 at the issuer through the ${door} door`, () => {
    it("TOK-10: is waited for within the patience", async () => {
      const server = await fakeServer()
      server.script([{ on: "issue", status: 429, headers: { "retry-after": "1" } }])
      const session = open(server)
      const from = performance.now()
      expect((await session.send(events)).status).toBe(200)
      expect(performance.now() - from).toBeGreaterThan(950)
      expect(server.stats.issueCalls).toBe(2)
      expect(session.told("renewal-failed")).toEqual([])
    })

    it("KEY-2: is RATE_LIMITED beyond it, at once, and remembered until it is over", async () => {
      const server = await fakeServer()
      const reset = Math.ceil(Date.now() / 1_000) + 60
      server.script([{ on: "issue", status: 429, body: { detail: { message: "Slow down.", limit: 10, reset } } }])
      const session = open(server)
      for (let callers = 0; callers < 10; callers += 1) {
        const error = await rejection(session.send(events))
        expect(error).toMatchObject({ code: "RATE_LIMITED", retryAt: reset * 1_000, reason: { limit: 10 } })
      }
      expect(server.stats).toMatchObject({ issueCalls: 1, requests: 0 })
      expect(session.told("renewal-failed")).toHaveLength(1)
      passTime(61_000)
      expect((await session.send(events)).status).toBe(200)
    })
  })

  describe(`TOK-8: the budget through the ${door} door`, () => {
    it("TOK-8: a server that refuses every token costs no more than ten issue calls", async () => {
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
      const refused = door === "promise" ? 401 : "TOKEN_INVALID"
      expect(codes.slice(0, 9)).toEqual(Array(9).fill(refused))
      expect(new Set(codes.slice(9))).toEqual(new Set(["ISSUE_BUDGET_EXCEEDED"]))
      expect(server.stats.issueCalls).toBe(10)
      expect(session.told("budget-exceeded")).toHaveLength(1)
    })
  })
}
