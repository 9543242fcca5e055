import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { TokenStorage } from "../../src/index.ts"
import { manualClock } from "../support/manualClock.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { type Script, status, tokenResponse } from "../support/scriptedTransport.ts"
import { testManager } from "../support/testManager.ts"
import { whileTimePasses, untilIdle, settled, until } from "../support/time.ts"
import { sharingClients, unbounded } from "../support/sharingClients.ts"

describe("TOK-3: one token request for all clients that share a storage", () => {
  it.effect(
    "eight clients with fifty callers each, at the start and after each rejection: one token request, one token",
    () =>
      Effect.gen(function* () {
        // The response arrives after all other clients found that the lease is taken.
        const script: Script = async (_, index) => {
          for (let turns = 0; turns < 15; turns += 1) await new Promise((resolve) => setImmediate(resolve))
          return tokenResponse(`token-${index + 1}`)
        }
        const { calls, clients } = yield* sharingClients(8, { script })
        const all = Effect.forEach(
          clients,
          ({ manager }) =>
            Effect.all(
              Array.from({ length: 50 }, () => manager.get),
              unbounded
            ),
          unbounded
        )
        for (let round = 1; round <= 20; round += 1) {
          yield* TestClock.adjust("1 second")
          const got = (yield* whileTimePasses(all)).flat()
          assert.deepStrictEqual([...new Set(got.map((token) => token.reveal()))], [`token-${round}`])
          assert.lengthOf(calls, round)
          for (const { manager } of clients) yield* manager.reject(got[0]!)
        }
        const issuers = clients.map(({ eventsOf }) => eventsOf("issued").length)
        assert.strictEqual(
          issuers.reduce((sum, count) => sum + count, 0),
          20
        )
        const waits = clients.flatMap(({ eventsOf }) => eventsOf("lease-waited"))
        assert.isAbove(waits.length, 0)
        for (const { owner, waitedMillis } of waits) {
          assert.match(owner, /^[0-9a-f]{32}$/)
          assert.isAtLeast(waitedMillis, 0)
        }
      })
  )

  it.effect("TOK-1: a cached token needs no storage call, a renewal six, and another client one to adopt it", () =>
    Effect.gen(function* () {
      const { clients, storage } = yield* sharingClients(2)
      const [one, two] = clients.map(({ manager }) => manager)
      yield* whileTimePasses(one!.get)
      yield* untilIdle(one!)
      assert.deepStrictEqual(storage.operations, ["load", "acquireLease", "load", "save", "save", "release"])
      yield* whileTimePasses(two!.get)
      assert.deepStrictEqual(storage.operations.slice(6), ["load"])
      for (let hit = 0; hit < 1_000; hit += 1) yield* Effect.andThen(one!.get, two!.get)
      assert.lengthOf(storage.operations, 7)
    })
  )

  it.effect("the status shows which client owns the lease, and which one waits for it", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* sharingClients(2, { script: () => undefined })
      const [one, two] = clients.map(({ manager }) => manager)
      const first = yield* Effect.forkChild(one!.get)
      yield* until("the token request is sent", () => calls.length === 1)
      const second = yield* Effect.forkChild(two!.get)
      yield* until("the other client waits", () => two!.status().lease.state === "waiting")
      const { owner } = storage.granted[0]!
      assert.deepStrictEqual(one!.status().lease, { state: "held", owner })
      assert.deepStrictEqual(two!.status().lease, { state: "waiting", owner })
      calls[0]!.respond(tokenResponse("token-1"))
      const got = [yield* whileTimePasses(Fiber.join(first)), yield* whileTimePasses(Fiber.join(second))]
      assert.strictEqual(got[0]!.id, got[1]!.id)
      yield* untilIdle(one!)
      for (const manager of [one!, two!]) assert.deepStrictEqual(manager.status().lease, { state: "none" })
      assert.strictEqual(storage.leases.size, 0)
    })
  )

  it.effect(
    "a lease owner that dies delays the others by its lease: the deadline of the token request and two seconds",
    () =>
      Effect.gen(function* () {
        const { calls, clients, storage } = yield* sharingClients(1)
        const { manager } = clients[0]!
        yield* manager.reject(yield* manager.get)
        assert.deepStrictEqual(
          storage.granted.map(({ until: end }) => end),
          [12_000]
        )
        const [name] = [...storage.records.keys()]
        yield* TestClock.adjust("1 second")
        yield* storage.service.acquireLease!(name!, { owner: "dead", millis: 12_000 })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* settled
        yield* TestClock.adjust(11_900)
        yield* settled
        assert.lengthOf(calls, 1)
        yield* TestClock.adjust(200)
        yield* until("the client sends a token request itself", () => calls.length === 2)
        assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
        const [waited] = clients[0]!.eventsOf("lease-waited")
        assert.strictEqual(waited?.owner, "dead")
        // It asks again 5 ms after the lease has ended at the latest.
        assert.isAtLeast(waited!.waitedMillis, 12_000)
        assert.isAtMost(waited!.waitedMillis, 12_100)
      })
  )

  it.effect("a client that returns late overwrites nothing, and adopts the token of the next lease owner", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* sharingClients(1, { script: () => undefined })
      const [late] = clients
      const waiting = yield* Effect.forkChild(late!.manager.get)
      yield* until("the token request is sent", () => calls.length === 1)
      // It is frozen for longer than its lease, and another client renews.
      for (const name of storage.leases.keys()) storage.leases.delete(name)
      const other = yield* testManager({ storage, script: () => tokenResponse("token-other") })
      const otherToken = yield* other.manager.get
      calls[0]!.respond(tokenResponse("token-late"))
      yield* Fiber.join(waiting)
      yield* untilIdle(late!.manager)
      assert.strictEqual(storage.fenced(), 1)
      assert.include(storage.record().text, otherToken.id)
      assert.strictEqual(late!.manager.peek()?.id, otherToken.id)
      assert.lengthOf(other.calls, 1)
    })
  )

  it.effect("a client that slept through its deadline adopts that token instead of failing", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* sharingClients(1, { script: () => undefined })
      const [late] = clients
      const waiting = yield* Effect.forkChild(late!.manager.get)
      yield* until("the token request is sent", () => calls.length === 1)
      for (const name of storage.leases.keys()) storage.leases.delete(name)
      const other = yield* testManager({ storage, script: () => tokenResponse("token-other") })
      const otherToken = yield* other.manager.get
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* whileTimePasses(Fiber.join(waiting))).id, otherToken.id)
      assert.notInclude(late!.types(), "renewal-failed")
    })
  )

  it.effect("a client that lost its lease before the token request does not send it", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const inner = storage.service
      const other = yield* testManager({ storage, script: () => tokenResponse("token-thief") })
      let isRobbed = false
      const withStolenLease = TokenStorage.of({
        ...inner,
        save: (name, stored) =>
          Effect.gen(function* () {
            if (!isRobbed) {
              isRobbed = true
              storage.leases.delete(name)
              yield* Effect.orDie(other.manager.get)
            }
            return yield* inner.save(name, stored)
          })
      })
      const { calls, manager } = yield* testManager({ storage: { ...storage, service: withStolenLease } })
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-thief")
      assert.lengthOf(calls, 0)
    })
  )

  /** A client that gets a rejection after another client took its lease and released it without a token. */
  const withStolenLease = Effect.fnUntraced(function* (
    meanwhile: (dispose: Effect.Effect<void>) => Effect.Effect<unknown>
  ) {
    const storage = sharedStorage()
    const readTokenResponse = () => ({ _tag: "KeyRejected", documented: true }) as const
    const client = yield* testManager({ storage, script: () => undefined, provider: { readTokenResponse } })
    const waiting = yield* Effect.forkChild(Effect.flip(client.manager.get))
    yield* until("the token request is sent", () => client.calls.length === 1)
    const [name] = [...storage.leases.keys()]
    storage.leases.delete(name!)
    const lease = yield* storage.service.acquireLease!(name!, { owner: "thief", millis: 12_000 })
    if (lease._tag === "Lease") yield* lease.release
    yield* meanwhile(client.dispose)
    client.calls[0]!.respond(status(401))
    return { ...client, error: yield* whileTimePasses(Fiber.join(waiting)) }
  })

  it.effect("KEY-2: a client that got a rejection and had lost its lease does not send the key again", () =>
    Effect.gen(function* () {
      const { calls, error, manager } = yield* withStolenLease(() => Effect.void)
      assert.strictEqual(error.code, "API_KEY_REJECTED")
      yield* whileTimePasses(untilIdle(manager))
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("RUN-2: a disposed client does not request a token again, although it lost its lease", () =>
    Effect.gen(function* () {
      const { calls, error } = yield* withStolenLease((dispose) =>
        Effect.forkDetach(dispose, { startImmediately: true })
      )
      assert.strictEqual(error.code, "DISPOSED")
      yield* whileTimePasses(Effect.sleep("3 seconds"))
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("TOK-7: a client without callers still gets and saves the token, and releases its lease", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* sharingClients(2, { script: () => undefined })
      const caller = yield* Effect.forkChild(clients[0]!.manager.get)
      yield* until("the token request is sent", () => calls.length === 1)
      yield* Fiber.interrupt(caller)
      calls[0]!.respond(tokenResponse("token-1"))
      yield* untilIdle(clients[0]!.manager)
      assert.strictEqual((yield* clients[1]!.manager.get).reveal(), "token-1")
      assert.strictEqual(storage.leases.size, 0)
    })
  )

  it.effect("RUN-2: disposing before the token request is sent leaves no lease behind", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const inner = storage.service
      // The storage hangs under the lease, before anything is sent.
      const silent = TokenStorage.of({
        ...inner,
        load: (name) => (storage.leases.size === 0 ? inner.load(name) : Effect.never)
      })
      const { calls, dispose, manager } = yield* testManager({ storage: { ...storage, service: silent } })
      yield* Effect.forkChild(Effect.exit(manager.get))
      yield* until("the lease is taken", () => storage.leases.size === 1)
      yield* dispose
      assert.strictEqual(storage.leases.size, 0)
      assert.lengthOf(calls, 0)
    })
  )

  it.effect("TOK-3: a client that was frozen while it waited asks again before it considers the lease stuck", () => {
    const time = manualClock()
    return Effect.provideService(
      Effect.gen(function* () {
        const { calls, clients, storage } = yield* sharingClients(1)
        const { manager, eventsOf } = clients[0]!
        yield* manager.reject(yield* manager.get)
        const [name] = [...storage.records.keys()]
        yield* storage.service.acquireLease!(name!, { owner: "dead", millis: 12_000 })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("it waits", () => manager.status().lease.state === "waiting" && time.timers() > 0)
        time.pass(60_000)
        assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
        assert.lengthOf(calls, 2)
        assert.lengthOf(storage.granted, 3)
        assert.deepStrictEqual(eventsOf("storage-degraded"), [])
      }),
      Clock.Clock,
      time.clock
    )
  })

  it.effect("a lease that says it lasts an hour is not waited for at all: no lease lasts longer than a minute", () =>
    Effect.gen(function* () {
      const taken = { _tag: "LeaseTaken", owner: "planted", fence: 7, left: 3_600_000 } as const
      const storage = sharedStorage()
      const service = TokenStorage.of({ ...storage.service, acquireLease: () => Effect.succeed(taken) })
      const { eventsOf, manager } = yield* testManager({ storage: { ...storage, service } })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.deepInclude(eventsOf("storage-degraded")[0], { at: 0, operation: "acquireLease" })
      const strict = yield* testManager({ storage: { ...storage, service }, storageFailure: "require" })
      const error = yield* Effect.flip(strict.manager.get)
      assert.deepStrictEqual(error.reason, { _tag: "LeaseTimeout", owner: "planted" })
      assert.lengthOf(strict.calls, 0)
    })
  )

  it.effect("the deadline of a token request is bounded, so that its lease lasts a minute at most", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const { manager } = yield* testManager({ storage, tokenRequest: { deadline: 58_000 } })
      yield* manager.get
      assert.strictEqual(storage.granted[0]?.until, 60_000)
      const error = yield* Effect.flip(testManager({ tokenRequest: { deadline: 58_001 } }))
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "tokenRequest.deadline" })
    })
  )

  it.effect("a lease that never ends is not waited for endlessly", () =>
    Effect.gen(function* () {
      const taken = { _tag: "LeaseTaken", owner: "stuck", fence: 7, left: 60_000 } as const
      const storage = sharedStorage()
      const service = TokenStorage.of({ ...storage.service, acquireLease: () => Effect.succeed(taken) })
      const { calls, manager, eventsOf } = yield* testManager({ storage: { ...storage, service } })
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
      assert.lengthOf(calls, 1)
      const { at, detail, operation } = eventsOf("storage-degraded")[0]!
      assert.deepStrictEqual([operation, detail], ["acquireLease", "the lease of stuck does not end"])
      assert.isAtLeast(at, 61_000)
      assert.isAtMost(at, 62_000)
      const strict = yield* testManager({ storage: { ...storage, service }, storageFailure: "require" })
      const error = yield* Effect.flip(whileTimePasses(strict.manager.get))
      assert.deepStrictEqual(error.reason, { _tag: "LeaseTimeout", owner: "stuck" })
      assert.lengthOf(strict.calls, 0)
    })
  )
})
