import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { env } from "node:process"
import { findRedis, startServer } from "redis-servers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startFleet, summed } from "../src/fleet/Fleet.ts"
import { steps } from "../src/fleet/Messages.ts"

/** `FLEET_ROUNDS` has the tokens end more often. */
const rounds = Number(env["FLEET_ROUNDS"] ?? 2)
const processes = 16
const callers = 50

const onFile = async () => {
  const directory = await mkdtemp(join(tmpdir(), "tokenkeep-fleet-"))
  return { place: `file:${directory}`, end: () => rm(directory, { recursive: true, force: true }) }
}

const onRedis = async () => {
  const { stop, url } = await startServer()
  return { place: url, end: stop }
}

const storages = [["a file", onFile] as const, ...(findRedis() === undefined ? [] : [["a Redis", onRedis] as const])]

describe.each(storages)("TOK-3: processes on %s", (name, start) => {
  let shared: Awaited<ReturnType<typeof start>>
  beforeAll(async () => (shared = await start()))
  afterAll(() => shared.end())

  it.each([
    ["lets older tokens live", false],
    ["ends the last token with each new one", true]
  ])(
    `${processes} of ${callers} callers, where the provider %s: one issue call whenever the token ends, and no failure`,
    async (_, voidPrevious) => {
      // Tokens that tell their end: a learned one would have them renewed early, and not just when they are refused.
      await using server = await startFakeDeeply({ rateLimits: false, issueLatency: 100, voidPrevious, jwt: true })
      const job = { place: shared.place, apiKey: server.apiKey, url: server.url, callers, deadline: 10_000 }
      const fleet = await startFleet(processes, job, () => undefined)
      for (let round = 1; round <= rounds; round += 1) {
        server.expireTokens()
        const { failures, requests } = summed(await fleet.round(round))
        expect({ round, failures, requests }).toEqual({ round, failures: {}, requests: processes * callers })
        expect(server.stats.issueCalls).toBe(round)
      }
      expect(server.stats.apiKeyLeaks).toBe(0)
      await fleet.stop()
    },
    600_000
  )

  it.concurrent.each(steps)(
    "an owner that kills itself %s: the others go on, with one more issue call at most",
    async (diesAt) => {
      await using server = await startFakeDeeply({ rateLimits: false, issueLatency: 300 })
      // Where a death cannot be seen the lease has to end, so it is short there.
      const deadline = name === "a file" ? 58_000 : 2_000
      const job = { place: shared.place, apiKey: server.apiKey, url: server.url, callers: 5, deadline }
      const fleet = await startFleet(3, job, () => undefined)
      const others = new Set(fleet.members)
      const doomed = await fleet.add({ diesAt })
      const gone = once(doomed.process, "exit")
      doomed.send({ do: "round", round: 0 })
      expect(await gone).toEqual([null, "SIGKILL"])
      const started = performance.now()
      const { failures, requests } = summed(await fleet.round(1, others))
      expect({ failures, requests }).toEqual({ failures: {}, requests: 15 })
      expect(server.stats.issueCalls).toBeLessThanOrEqual(2)
      // A file's lease of a minute is not waited for: the death of its owner is seen.
      expect(performance.now() - started).toBeLessThan(30_000)
      await fleet.stop()
    },
    120_000
  )
})
