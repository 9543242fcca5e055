import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { crashSteps, type SharedStorage, startFleet, startStorage, storageKinds } from "fleet"
import { once } from "node:events"
import { env } from "node:process"
import { findRedis } from "redis-servers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

/** `FLEET_ROUNDS` makes the tokens expire more often. */
const rounds = Number(env["FLEET_ROUNDS"] ?? 2)
const processes = 16
const callers = 50

const available = storageKinds.filter((kind) => kind === "file" || findRedis() !== undefined)

describe.each(available)("TOK-3: processes that share a token on: %s", (kind) => {
  let storage: SharedStorage
  beforeAll(async () => (storage = await startStorage(kind)))
  afterAll(() => storage[Symbol.asyncDispose]())

  it.each([
    ["keeps older tokens valid", false],
    ["voids the previous token", true]
  ])(
    `${processes} processes of ${callers} callers, with a provider that %s: one token request per expiry, no failure`,
    async (_, voidPrevious) => {
      // The tokens are JWTs that say when they expire. With a learned lifetime they would be renewed before the server
      // refuses them.
      await using server = await startFakeDeeply({
        rateLimits: false,
        tokenRequestLatency: 100,
        voidPrevious,
        jwt: true
      })
      const options = { storageUrl: storage.url, apiKey: server.apiKey, host: server.url, callers, deadline: 10_000 }
      await using fleet = await startFleet(processes, options)
      for (let round = 1; round <= rounds; round += 1) {
        server.expireTokens()
        await fleet.round()
        expect(fleet.failures()).toEqual([])
        expect(fleet.requests()).toBe(round * processes * callers)
        expect(server.stats.tokenRequests).toBe(round)
      }
      expect(server.stats.apiKeyLeaks).toBe(0)
      await fleet.stop()
      expect(fleet.crashes).toEqual([])
    },
    600_000
  )

  it.concurrent.each(crashSteps)(
    "an owner that kills itself %s: the other processes continue, with one more token request at most",
    async (crashAt) => {
      await using server = await startFakeDeeply({ rateLimits: false, tokenRequestLatency: 300 })
      // A file storage sees that an owner is dead: the test times out before this lease ends. On Redis, the others wait for
      // it.
      const deadline = kind === "file" ? 58_000 : 2_000
      const options = { storageUrl: storage.url, apiKey: server.apiKey, host: server.url, callers: 5, deadline }
      await using fleet = await startFleet(3, options)
      const others = new Set(fleet.members)
      const owner = await fleet.add({ crashAt })
      const exited = once(owner.process, "exit")
      owner.send("round")
      expect(await exited).toEqual([null, "SIGKILL"])
      await fleet.round(others)
      expect(fleet.failures()).toEqual([])
      expect(fleet.requests()).toBe(15)
      expect(server.stats.tokenRequests).toBeLessThanOrEqual(2)
      await fleet.stop()
    },
    55_000
  )
})

it.each(available)(
  "STO-3: processes renew after the %s storage was torn, and after it was wiped",
  async (kind) => {
    await using server = await startFakeDeeply({ rateLimits: false, voidPrevious: true, jwt: true })
    await using storage = await startStorage(kind)
    let ignored = 0
    const options = { storageUrl: storage.url, apiKey: server.apiKey, host: server.url, callers: 5, deadline: 10_000 }
    await using fleet = await startFleet(3, options, ({ type }) => {
      if (type === "record-ignored") ignored += 1
    })
    await fleet.round()
    for (const fault of [storage.tear, storage.tear, storage.wipe]) {
      await fault()
      server.expireTokens()
      await fleet.round()
    }
    expect(ignored).toBeGreaterThan(0)
    expect(fleet.failures()).toEqual([])
    expect(server.stats.tokenRequests).toBe(4)
  },
  60_000
)

it("a request that failed is counted, although its process was killed at once", async () => {
  await using server = await startFakeDeeply({ rateLimits: false })
  await using storage = await startStorage("file")
  const options = { storageUrl: storage.url, apiKey: server.apiKey, host: server.url, callers: 1, deadline: 1_000 }
  await using fleet = await startFleet(1, options)
  server.script([{ on: "general", status: 500 }])
  const [member] = fleet.members
  await fleet.round()
  await member?.kill()
  expect(fleet.failures()).toEqual([
    {
      at: expect.any(Number),
      process: 1,
      code: "HTTP 500",
      message: expect.any(String),
      causes: [],
      waitedMillis: expect.any(Number)
    }
  ])
  expect(fleet.crashes).toEqual([])
})
