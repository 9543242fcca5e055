import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure } from "../../src/index.ts"
import { grantClient, storedGrant } from "../support/grantClient.ts"
import { held, lost, lostWith, refreshServer, refused, responds } from "../support/refreshServer.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { settled, until, untilIdle, whileTimePasses } from "../support/time.ts"

const failure = <A, E>(effect: Effect.Effect<A, E>) => Effect.flip(whileTimePasses(effect))

const diskFull = () => Effect.fail(new StorageFailure({ operation: "replace", detail: "disk full" }))

/** An access token that is good is rejected, so that the next call needs a new one. */
const renewed = (manager: Effect.Success<ReturnType<typeof grantClient>>["manager"]) =>
  Effect.gen(function* () {
    yield* manager.reject(yield* whileTimePasses(manager.get))
    return yield* whileTimePasses(manager.get)
  })

describe("GRANT-1: one use of a refresh token", () => {
  it.effect("writes the intent before it is sent, and the next one before the access token is returned", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const states: Array<unknown> = []
      server.incidents.push((_, respond) => {
        states.push(storedGrant(storage)["state"])
        return respond()
      })
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      yield* whileTimePasses(manager.get)
      states.push(storedGrant(storage)["state"])
      assert.deepStrictEqual(states, ["exchanging", "ok"])
      const { generation, refreshToken } = storedGrant(storage)
      assert.deepStrictEqual([generation, refreshToken], [1, "refresh-1"])
    })
  )

  it.effect("uses each refresh token once, also for many callers of two clients", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const [first, second] = [yield* grantClient({ server, storage }), yield* grantClient({ server, storage })]
      const callers = [first, second, first, second].map(({ manager }) => manager.get)
      yield* whileTimePasses(Effect.all(callers, { concurrency: "unbounded" }))
      assert.deepStrictEqual(server.received, ["refresh-0"])
      yield* renewed(first.manager)
      yield* renewed(second.manager)
      assert.strictEqual(new Set(server.received).size, server.received.length)
    })
  )

  it.effect("sends nothing if the intent cannot be written", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      storage.exclusive.override({ replace: diskFull })
      const error = yield* failure(manager.get)
      assert.strictEqual(error.code, "STORAGE_FAILED")
      assert.include(error.message, "disk full")
      assert.deepStrictEqual(server.received, [])
      storage.exclusive.override()
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
    })
  )

  it.effect("continues at once if its intent was written, and the result of writing it was lost", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage, storageGrace: 1 })
      let writes = 0
      const { working } = storage.exclusive
      storage.exclusive.override({
        replace: (name, change) =>
          Effect.flatMap(working.replace(name, change), (saved) => {
            writes += 1
            return writes === 2 || writes === 3 ? diskFull() : Effect.succeed(saved)
          })
      })
      assert.strictEqual((yield* failure(manager.get)).code, "STORAGE_FAILED")
      assert.strictEqual(storedGrant(storage)["state"], "exchanging")
      const before = yield* TestClock.testClockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe()))
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
      const after = yield* TestClock.testClockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe()))
      assert.isBelow(after - before, 2_000)
      assert.isUndefined(storedGrant(storage)["interrupted"])
    })
  )

  it.effect("sends it again if no byte was sent", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(refused, refused)
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-0", "refresh-0"])
      assert.isUndefined(storedGrant(storage)["interrupted"])
    })
  )

  for (const syscall of ["read", "write"]) {
    it.effect(`does not send it again if the network became unreachable during a ${syscall}`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        server.incidents.push(lostWith("EHOSTUNREACH", syscall))
        const storage = sharedStorage()
        const { manager } = yield* grantClient({ server, storage })
        assert.strictEqual((yield* failure(manager.get)).code, "ISSUER_UNAVAILABLE")
        assert.deepStrictEqual(server.received, ["refresh-0"])
      })
    )
  }

  it.effect("leaves it as it was if no try reached the server", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(refused, refused, refused)
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* failure(manager.get)).code, "ISSUER_UNAVAILABLE")
      const { generation, refreshToken, state } = storedGrant(storage)
      assert.deepStrictEqual([state, generation, refreshToken], ["ok", 0, "refresh-0"])
    })
  )

  it.effect("sends nothing when preparing the request took too long", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const { manager } = yield* grantClient({
        server,
        storage,
        provider: { discoverTokenOrigins: () => Effect.runPromise(slow.wait) }
      })
      const slow = yield* slowDiscovery
      const getting = yield* Effect.forkChild(Effect.flip(manager.get), { startImmediately: true })
      yield* until("the intent is written", () => storedGrant(storage)["state"] === "exchanging")
      yield* TestClock.adjust(7_000)
      slow.end()
      assert.strictEqual((yield* whileTimePasses(Fiber.join(getting))).code, "ISSUER_UNAVAILABLE")
      yield* whileTimePasses(untilIdle(manager))
      assert.deepStrictEqual(server.received, [])
      assert.strictEqual(storedGrant(storage)["state"], "ok")
    })
  )

  it.effect("sends nothing when the result of writing the intent arrives too late", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const { promise, resolve } = Promise.withResolvers<void>()
      const { working } = storage.exclusive
      const isIntent = () => storedGrant(storage)["state"] === "exchanging"
      storage.exclusive.override({
        replace: (name, change) =>
          Effect.tap(working.replace(name, change), () => (isIntent() ? Effect.promise(() => promise) : Effect.void))
      })
      const { manager } = yield* grantClient({ server, storage, storageTimeout: 60_000 })
      const getting = yield* Effect.forkChild(Effect.flip(manager.get), { startImmediately: true })
      yield* until("the intent is written", isIntent)
      yield* settled
      yield* TestClock.adjust(15_000)
      resolve()
      assert.strictEqual((yield* whileTimePasses(Fiber.join(getting))).code, "ISSUER_UNAVAILABLE")
      assert.deepStrictEqual(server.received, [])
      assert.strictEqual(storedGrant(storage)["state"], "ok")
    })
  )

  for (const [what, response] of [
    ["a rate limit", () => new Response("", { status: 429, headers: { "retry-after": "60" } })],
    ["a rejected client", () => new Response("{}", { status: 401 })],
    ["another error of the request", () => new Response("<html>", { status: 400 })]
  ] as const) {
    it.effect(`keeps it after ${what}`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        server.incidents.push(responds(response))
        const storage = sharedStorage()
        const { manager } = yield* grantClient({ server, storage })
        yield* failure(manager.get)
        yield* settled
        const { generation, refreshToken, state } = storedGrant(storage)
        assert.deepStrictEqual([state, generation, refreshToken], ["ok", 0, "refresh-0"])
      })
    )
  }

  it.effect("never sends a rejected one again, even if the verdict cannot be stored for a while", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.withdraw()
      server.incidents.push((_, respond) => {
        storage.exclusive.override({ replace: diskFull })
        return respond()
      })
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* failure(manager.get)).code, "GRANT_REJECTED")
      yield* whileTimePasses(Effect.sleep(15_000))
      assert.strictEqual((yield* failure(manager.get)).code, "GRANT_REJECTED")
      storage.exclusive.override()
      yield* whileTimePasses(until("it is stored", () => storedGrant(storage)["state"] === "rejected"))
      assert.deepStrictEqual(server.received, ["refresh-0"])
    })
  )

  it.effect("keeps the refresh token if the response contains none", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(responds(() => Response.json({ token: "token-a", lifetime: 60_000 })))
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-a")
      const { refreshToken, state } = storedGrant(storage)
      assert.deepStrictEqual([state, refreshToken], ["ok", "refresh-0"])
    })
  )

  it.effect("saves the next one even if the response has no valid access token", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(responds(() => Response.json({ refreshToken: "refresh-x" })))
      server.consent("refresh-x")
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* failure(manager.get)).code, "TOKEN_RESPONSE_INVALID")
      assert.strictEqual(storedGrant(storage)["refreshToken"], "refresh-x")
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
    })
  )

  for (const which of ["sent", "received"] as const) {
    it.effect(`does not show the one that was ${which} if the provider's reason contains it`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        const received = "refresh-5f0c1d8e7b3a4950"
        const detail = `no access token with ${which === "sent" ? "refresh-0" : received}`
        const provider = { requestToken: async () => ({ _tag: "Invalid", detail, refreshToken: received }) as const }
        const { manager } = yield* grantClient({ server, storage: sharedStorage(), provider })
        const error = yield* failure(manager.get)
        assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
        assert.notInclude(error.message, "refresh-")
      })
    )
  }

  it.effect("returns the access token when saving the next one has failed once, and saves it later", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      server.incidents.push((_, respond) => {
        storage.exclusive.override({ replace: diskFull })
        return respond()
      })
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
      assert.strictEqual(storedGrant(storage)["state"], "exchanging")
      storage.exclusive.override()
      yield* whileTimePasses(until("it is saved", () => storedGrant(storage)["state"] === "ok"))
      assert.strictEqual(storedGrant(storage)["refreshToken"], "refresh-1")
    })
  )
})

describe("the span of an exchange", () => {
  it.effect("is part of the renewal, and not of the span that the client was made in", () =>
    Effect.gen(function* () {
      const parents = new Map<string, string | undefined>()
      const tracer = Tracer.make({
        span: (options) => {
          const parent = Option.getOrUndefined(options.parent)
          parents.set(options.name, parent?._tag === "Span" ? parent.name : undefined)
          return Tracer.nativeTracer.span(options)
        }
      })
      yield* Effect.gen(function* () {
        const client = grantClient({ server: refreshServer(), storage: sharedStorage() })
        const { manager } = yield* Effect.withSpan(client, "start-up")
        yield* whileTimePasses(manager.get)
      }).pipe(Effect.withTracer(tracer))
      assert.strictEqual(parents.get("tokenkeep.token_request"), "tokenkeep.renew")
    })
  )
})

describe("GRANT-3: an exchange that is interrupted", () => {
  it.effect("still saves the next refresh token when the response arrives after the deadline", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const late = held()
      server.incidents.push(late.incident)
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage, tokenRequest: { deadline: 1_000 } })
      const error = yield* failure(manager.get)
      assert.strictEqual(error.code, "ISSUER_UNAVAILABLE")
      assert.include(error.message, "within 1000 ms")
      yield* TestClock.adjust("10 minutes")
      late.release()
      yield* until("it is saved", () => storedGrant(storage)["state"] === "ok")
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-2")
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-1"])
    })
  )

  it.effect("is not repeated by the client that still awaits the response, on a server without a grace", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const late = held()
      server.incidents.push(late.incident)
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      for (let times = 0; times < 3; times += 1) {
        assert.strictEqual((yield* failure(manager.get)).code, "ISSUER_UNAVAILABLE")
      }
      const getting = yield* Effect.forkChild(manager.get, { startImmediately: true })
      yield* whileTimePasses(Effect.sleep(1_000))
      late.release()
      assert.strictEqual((yield* whileTimePasses(Fiber.join(getting))).reveal(), "token-1")
      assert.deepStrictEqual(server.received, ["refresh-0"])
    })
  )

  it.effect("is not repeated before its time is over, whatever became of the lease", () =>
    Effect.gen(function* () {
      const server = refreshServer({ grace: true })
      server.incidents.push(lost)
      const storage = sharedStorage()
      const [first, second] = [
        yield* grantClient({ server, storage, grant: { grace: 60_000 } }),
        yield* grantClient({ server, storage, grant: { grace: 60_000 } })
      ]
      assert.strictEqual((yield* failure(first.manager.get)).code, "ISSUER_UNAVAILABLE")
      const getting = yield* Effect.forkChild(second.manager.get, { startImmediately: true })
      yield* until("it was looked at", () => second.manager.status().grant?.state === "exchanging")
      for (let time = 0; time < 10_000; time += 250) {
        yield* settled
        yield* TestClock.adjust(250)
      }
      assert.deepStrictEqual(server.received, ["refresh-0"])
      assert.strictEqual((yield* whileTimePasses(Fiber.join(getting))).reveal(), "token-2")
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-0"])
    })
  )

  it.effect("is not repeated by a client whose clock is an hour ahead", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const late = held()
      server.incidents.push(late.incident)
      const storage = sharedStorage()
      const first = yield* grantClient({ server, storage })
      const getting = yield* Effect.forkChild(first.manager.get, { startImmediately: true })
      yield* until("it is sent", () => server.received.length === 1)
      storage.leases.clear()
      const second = yield* grantClient({ server, storage, clockAhead: 3_600_000 })
      const other = yield* Effect.forkChild(second.manager.get, { startImmediately: true })
      yield* until("it was looked at", () => second.manager.status().grant?.state === "exchanging")
      yield* TestClock.adjust(5_000)
      yield* settled
      assert.deepStrictEqual(server.received, ["refresh-0"])
      late.release()
      assert.strictEqual((yield* whileTimePasses(Fiber.join(getting))).reveal(), "token-1")
      yield* whileTimePasses(Fiber.join(other))
      assert.strictEqual(new Set(server.received).size, server.received.length)
    })
  )

  it.effect("is not repeated while the current access token is good, on a server without a grace", () =>
    Effect.gen(function* () {
      const server = refreshServer({ lifetime: 100_000 })
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      yield* whileTimePasses(manager.get)
      server.incidents.push(lost)
      yield* TestClock.adjust(85_000)
      assert.isDefined(manager.peek())
      yield* until("the renewal has failed", () => manager.status().lastError !== undefined)
      yield* TestClock.adjust(14_000)
      assert.isDefined(manager.peek())
      yield* settled
      assert.lengthOf(server.received, 2)
      yield* TestClock.adjust(2_000)
      assert.strictEqual((yield* failure(manager.get)).code, "GRANT_LOST")
      assert.lengthOf(server.received, 3)
    })
  )

  it.effect("is lost on a strict server: the error says since when, and by which client", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(lost)
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      yield* failure(manager.get)
      const owner = String(storedGrant(storage)["owner"])
      const error = yield* failure(manager.get)
      assert.strictEqual(error.code, "GRANT_LOST")
      assert.deepInclude(error.reason, { _tag: "GrantLost", owner })
      assert.include(error.message, owner)
      yield* failure(manager.get)
      assert.lengthOf(server.received, 2)
    })
  )

  it.effect("is reported with the owner as the storage describes it, such as its process", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(lost)
      const storage = sharedStorage()
      const { acquireLease = () => Effect.die("There are no leases.") } = storage.service
      const described: typeof acquireLease = (name, request) =>
        Effect.map(acquireLease(name, request), (lease) =>
          lease._tag === "Lease" ? { ...lease, owner: `${request.owner} (process 4711 on host-a)` } : lease
        )
      const service = { ...storage.service, acquireLease: described }
      const { manager } = yield* grantClient({ server, storage: { ...storage, service } })
      yield* failure(manager.get)
      const error = yield* failure(manager.get)
      if (error.code !== "GRANT_LOST") return assert.fail(`It failed with ${error.code}.`)
      assert.match(error.reason.owner, /^\w+ \(process 4711 on host-a\)$/)
      assert.include(error.message, "process 4711 on host-a")
    })
  )

  it.effect("has its result saved even after another client took it over and called it lost", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const late = held()
      server.incidents.push(
        late.incident,
        responds(() => Response.json({ error: "invalid_grant" }, { status: 400 }))
      )
      const storage = sharedStorage()
      const [first, second] = [yield* grantClient({ server, storage }), yield* grantClient({ server, storage })]
      assert.strictEqual((yield* failure(first.manager.get)).code, "ISSUER_UNAVAILABLE")
      assert.strictEqual((yield* failure(second.manager.get)).code, "GRANT_LOST")
      late.release()
      yield* whileTimePasses(until("it is saved", () => storedGrant(storage)["state"] === "ok"))
      assert.strictEqual((yield* whileTimePasses(second.manager.get)).reveal(), "token-2")
    })
  )

  it.effect("leaves another client's exchange alone: that client is about to get a newer result", () =>
    Effect.gen(function* () {
      const server = refreshServer({ grace: true })
      const [late, later] = [held(), held()]
      server.incidents.push(late.incident, later.incident)
      const storage = sharedStorage()
      const grant = { grace: 60_000 }
      const [first, second] = [
        yield* grantClient({ server, storage, grant }),
        yield* grantClient({ server, storage, grant })
      ]
      assert.strictEqual((yield* failure(first.manager.get)).code, "ISSUER_UNAVAILABLE")
      const getting = yield* Effect.forkChild(second.manager.get, { startImmediately: true })
      yield* whileTimePasses(until("it was repeated", () => server.received.length === 2))
      const intent = storedGrant(storage)
      late.release()
      yield* whileTimePasses(Effect.sleep(2_000))
      assert.deepStrictEqual(storedGrant(storage), intent)
      later.release()
      yield* Fiber.join(getting)
      yield* whileTimePasses(Effect.sleep(10_000))
      assert.strictEqual(storedGrant(storage)["refreshToken"], "refresh-2")
    })
  )

  it.effect("RUN-2: after dispose, a new consent is refused", () =>
    Effect.gen(function* () {
      const { dispose, manager } = yield* grantClient({ server: refreshServer(), storage: sharedStorage() })
      yield* dispose
      assert.strictEqual((yield* failure(manager.replaceGrant("refresh-new"))).code, "DISPOSED")
    })
  )

  it.effect("drops its result if there is a new consent", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const late = held()
      server.incidents.push(late.incident)
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* failure(manager.get)).code, "ISSUER_UNAVAILABLE")
      server.consent("refresh-new")
      yield* whileTimePasses(manager.replaceGrant("refresh-new"))
      late.release()
      yield* whileTimePasses(settled)
      const { generation, refreshToken } = storedGrant(storage)
      assert.deepStrictEqual([generation, refreshToken], [0, "refresh-new"])
      yield* whileTimePasses(manager.get)
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-new"])
    })
  )
})

/** A discovery that ends when the test says so. */
const slowDiscovery = Effect.sync(() => {
  const { promise, resolve } = Promise.withResolvers<ReadonlyArray<string>>()
  return { wait: Effect.promise(() => promise), end: () => resolve(["https://api.example.test"]) }
})
