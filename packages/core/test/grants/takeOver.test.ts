import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import type { GrantRecord } from "../../src/grants/grantRecord.ts"
import { takeOver } from "../../src/grants/takeOver.ts"
import { grantClient, storedGrant } from "../support/grantClient.ts"
import { type Incident, lost, refreshServer, responds } from "../support/refreshServer.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { settled, until, whileTimePasses } from "../support/time.ts"

const failure = <A, E>(effect: Effect.Effect<A, E>) => Effect.flip(whileTimePasses(effect))

const unavailable = responds(() => new Response("", { status: 503 }))

describe("GRANT-3: the pauses between the repeats of an exchange", () => {
  it.effect("grow for all clients together, and begin anew after a response", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const server = refreshServer()
      const storage = sharedStorage()
      const times: Array<number> = []
      const timed =
        (incident: Incident): Incident =>
        (call, respond) => {
          times.push(clock.currentTimeMillisUnsafe())
          return incident(call, respond)
        }
      const clients = [yield* grantClient({ server, storage }), yield* grantClient({ server, storage })] as const
      server.incidents.push(...Array.from({ length: 6 }, () => timed(unavailable)))
      for (let round = 0; round < 3; round += 1) {
        for (const { manager } of clients) assert.strictEqual((yield* failure(manager.get)).code, "ISSUER_UNAVAILABLE")
      }
      const gaps = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 1_000))
      assert.deepStrictEqual(gaps, [11, 12, 13, 15, 19])
      const [{ manager }] = clients
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
      yield* manager.reject(yield* whileTimePasses(manager.get))
      times.length = 0
      server.incidents.push(timed(unavailable), timed(unavailable))
      yield* failure(manager.get)
      yield* failure(manager.get)
      const [first = 0, second = 0] = times
      assert.strictEqual(Math.round((second - first) / 1_000), 11)
    })
  )

  it.effect("do not grow while the server has a grace period, which ends", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const server = refreshServer({ grace: true })
      const storage = sharedStorage()
      const times: Array<number> = []
      server.incidents.push(
        ...Array.from({ length: 5 }, (): Incident => (call, respond) => {
          times.push(clock.currentTimeMillisUnsafe())
          return unavailable(call, respond)
        })
      )
      const { manager } = yield* grantClient({ server, storage, grant: { grace: 50_000 } })
      for (let tries = 0; tries < 5; tries += 1) yield* failure(manager.get)
      assert.isAtMost((times.at(-1) ?? 0) - (times[0] ?? 0), 50_000)
    })
  )
})

describe("GRANT-3: an exchange that is interrupted, and the grace period is over", () => {
  it.effect("is not repeated while the current access token is good", () =>
    Effect.gen(function* () {
      const server = refreshServer({ lifetime: 100_000, grace: true })
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage, grant: { grace: 5_000 } })
      yield* whileTimePasses(manager.get)
      server.incidents.push(lost)
      yield* TestClock.adjust(85_000)
      assert.isDefined(manager.peek())
      yield* until("the renewal has failed", () => manager.status().lastError !== undefined)
      for (let time = 0; time < 14_000; time += 500) {
        yield* TestClock.adjust(500)
        assert.isDefined(manager.peek())
        yield* settled
      }
      assert.lengthOf(server.received, 2)
      assert.strictEqual(storedGrant(storage)["state"], "exchanging")
      yield* TestClock.adjust(2_000)
      yield* whileTimePasses(manager.get)
      assert.lengthOf(server.received, 3)
    })
  )

  it.effect("is repeated at once before that", () =>
    Effect.gen(function* () {
      const server = refreshServer({ lifetime: 100_000, grace: true })
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage, grant: { grace: 60_000 } })
      yield* whileTimePasses(manager.get)
      server.incidents.push(lost)
      yield* TestClock.adjust(85_000)
      assert.isDefined(manager.peek())
      yield* until("the renewal has failed", () => manager.status().lastError !== undefined)
      for (let time = 0; time < 14_000; time += 500) {
        yield* TestClock.adjust(500)
        assert.isDefined(manager.peek())
        yield* settled
      }
      assert.lengthOf(server.received, 3)
      assert.strictEqual(storedGrant(storage)["state"], "ok")
    })
  )
})

describe("GRANT-3: the time of another client's exchange", () => {
  it("begins under the lease: a client that waits for the lease gives a frozen owner that time as well", () => {
    let now = 0
    const clock = () => now
    const { isPutOff, timeLeft } = takeOver({ grace: undefined, mono: clock, wall: clock, tokenLasts: () => 2_000 })
    const record = { version: "a", at: 0, millis: 6_000 } as GrantRecord
    assert.isTrue(isPutOff(record))
    now = 7_000
    assert.strictEqual(timeLeft(record), 6_000)
  })
})
