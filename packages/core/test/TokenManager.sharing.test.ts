import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure, type StoredText, TokenStorage } from "../src/index.ts"
import { handClock } from "./support/handClock.ts"
import { scriptedStorage, sharedStorage } from "./support/scriptedStorage.ts"
import { type Script, scriptedTransport, status, tokenResponse, tokens } from "./support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "./support/testManager.ts"
import { passing, resting, settled, until } from "./support/turns.ts"

const everybody = { concurrency: "unbounded" } as const

/** So many clients on one storage and one issuer, as if each were a process of its own. */
const fleet = Effect.fnUntraced(function* (size: number, options: TestManagerOptions = {}) {
  const storage = sharedStorage()
  const transport = options.transport ?? scriptedTransport(options.script ?? tokens)
  const clients = yield* Effect.forEach(Array.from({ length: size }), () =>
    testManager({ storage, transport, ...options })
  )
  return { storage, transport, clients, calls: transport.calls }
})

describe("TOK-3: one issue call for all who share a storage", () => {
  it.effect("eight clients with fifty callers each, cold and after every refusal: one issue call, one token", () =>
    Effect.gen(function* () {
      // The answer comes a while after all others have found that somebody asks.
      const script: Script = async (_, index) => {
        for (let turns = 0; turns < 15; turns += 1) await new Promise((resolve) => setImmediate(resolve))
        return tokenResponse(`token-${index + 1}`)
      }
      const { calls, clients } = yield* fleet(8, { script })
      const all = Effect.forEach(
        clients,
        ({ manager }) =>
          Effect.all(
            Array.from({ length: 50 }, () => manager.get),
            everybody
          ),
        everybody
      )
      for (let round = 1; round <= 20; round += 1) {
        yield* TestClock.adjust("1 second")
        const got = (yield* passing(all)).flat()
        assert.deepStrictEqual([...new Set(got.map((token) => token.reveal()))], [`token-${round}`])
        assert.lengthOf(calls, round)
        for (const { manager } of clients) yield* manager.reject(got[0]!)
      }
      const issuers = clients.map(({ told }) => told("issued").length)
      assert.strictEqual(
        issuers.reduce((sum, count) => sum + count, 0),
        20
      )
      const waits = clients.flatMap(({ told }) => told("lease-waited"))
      assert.isAbove(waits.length, 0)
      for (const { owner, waitedMillis } of waits) {
        assert.match(owner, /^[0-9a-f]{32}$/)
        assert.isAtLeast(waitedMillis, 0)
      }
    })
  )

  it.effect("TOK-1: a hit asks the storage for nothing, a renewal six times, and whoever comes after it once", () =>
    Effect.gen(function* () {
      const { clients, storage } = yield* fleet(2)
      const [one, two] = clients.map(({ manager }) => manager)
      yield* passing(one!.get)
      yield* resting(one!)
      assert.deepStrictEqual(storage.asked, ["load", "exclusive", "load", "save", "save", "release"])
      yield* passing(two!.get)
      assert.deepStrictEqual(storage.asked.slice(6), ["load"])
      for (let hit = 0; hit < 1_000; hit += 1) yield* Effect.andThen(one!.get, two!.get)
      assert.lengthOf(storage.asked, 7)
    })
  )

  it.effect("the status tells who has the right to renew, and who waits for it", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* fleet(2, { script: () => undefined })
      const [one, two] = clients.map(({ manager }) => manager)
      const first = yield* Effect.forkChild(one!.get)
      yield* until("the call is sent", () => calls.length === 1)
      const second = yield* Effect.forkChild(two!.get)
      yield* until("the other waits", () => two!.status().lease.state === "waiting")
      const { owner } = storage.granted[0]!
      assert.deepStrictEqual(one!.status().lease, { state: "held", owner })
      assert.deepStrictEqual(two!.status().lease, { state: "waiting", owner })
      calls[0]!.answer(tokenResponse("token-1"))
      const got = [yield* passing(Fiber.join(first)), yield* passing(Fiber.join(second))]
      assert.strictEqual(got[0]!.id, got[1]!.id)
      yield* resting(one!)
      for (const manager of [one!, two!]) assert.deepStrictEqual(manager.status().lease, { state: "none" })
      assert.strictEqual(storage.leases.size, 0)
    })
  )

  it.effect("an owner that dies delays the others by its lease, which is the issue deadline and two seconds", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* fleet(1)
      const { manager } = clients[0]!
      yield* manager.reject(yield* manager.get)
      assert.deepStrictEqual(
        storage.granted.map(({ until: end }) => end),
        [12_000]
      )
      const [name] = [...storage.records.keys()]
      yield* storage.service.exclusive!(name!, { owner: "dead", millis: 12_000 })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* settled
      yield* TestClock.adjust(11_900)
      yield* settled
      assert.lengthOf(calls, 1)
      yield* TestClock.adjust(200)
      yield* until("it asks the issuer itself", () => calls.length === 2)
      assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
    })
  )

  it.effect("one that comes back late overwrites nothing, and takes the token of whoever was elected since", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* fleet(1, { script: () => undefined })
      const [late] = clients
      const waiting = yield* Effect.forkChild(late!.manager.get)
      yield* until("the call is sent", () => calls.length === 1)
      // It is frozen beyond its lease, and another renews.
      for (const name of storage.leases.keys()) storage.leases.delete(name)
      const other = yield* testManager({ storage, script: () => tokenResponse("token-other") })
      const theirs = yield* other.manager.get
      calls[0]!.answer(tokenResponse("token-late"))
      yield* Fiber.join(waiting)
      yield* resting(late!.manager)
      assert.strictEqual(storage.fenced(), 1)
      assert.include(storage.record().text, theirs.id)
      assert.strictEqual(late!.manager.peek()?.id, theirs.id)
      assert.lengthOf(other.calls, 1)
    })
  )

  it.effect("one that slept through its own deadline takes that token instead of failing", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* fleet(1, { script: () => undefined })
      const [late] = clients
      const waiting = yield* Effect.forkChild(late!.manager.get)
      yield* until("the call is sent", () => calls.length === 1)
      for (const name of storage.leases.keys()) storage.leases.delete(name)
      const other = yield* testManager({ storage, script: () => tokenResponse("token-other") })
      const theirs = yield* other.manager.get
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* passing(Fiber.join(waiting))).id, theirs.id)
      assert.notInclude(late!.types(), "renewal-failed")
    })
  )

  it.effect("one that lost its lease before it asked the issuer does not ask", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const inner = storage.service
      const thief = yield* testManager({ storage, script: () => tokenResponse("token-thief") })
      let isRobbed = false
      const robbed = TokenStorage.of({
        ...inner,
        save: (name, stored) =>
          Effect.gen(function* () {
            if (!isRobbed) {
              isRobbed = true
              storage.leases.delete(name)
              yield* Effect.orDie(thief.manager.get)
            }
            return yield* inner.save(name, stored)
          })
      })
      const { calls, manager } = yield* testManager({ storage: { ...storage, service: robbed } })
      assert.strictEqual((yield* passing(manager.get)).reveal(), "token-thief")
      assert.lengthOf(calls, 0)
    })
  )

  /** A client whose call is answered with a refusal, after its lease was taken over and given back without a token. */
  const robbed = Effect.fnUntraced(function* (meanwhile: (dispose: Effect.Effect<void>) => Effect.Effect<unknown>) {
    const storage = sharedStorage()
    const readToken = () => ({ _tag: "KeyRejected", documented: true }) as const
    const client = yield* testManager({ storage, script: () => undefined, provider: { readToken } })
    const waiting = yield* Effect.forkChild(Effect.flip(client.manager.get))
    yield* until("the call is sent", () => client.calls.length === 1)
    const [name] = [...storage.leases.keys()]
    storage.leases.delete(name!)
    const lease = yield* storage.service.exclusive!(name!, { owner: "thief", millis: 12_000 })
    if (lease._tag === "Lease") yield* lease.release
    yield* meanwhile(client.dispose)
    client.calls[0]!.answer(status(401))
    return { ...client, error: yield* passing(Fiber.join(waiting)) }
  })

  it.effect("KEY-2: one that was refused, and had lost its lease by then, does not ask again", () =>
    Effect.gen(function* () {
      const { calls, error, manager } = yield* robbed(() => Effect.void)
      assert.strictEqual(error.code, "API_KEY_REJECTED")
      yield* passing(resting(manager))
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("RUN-2: one that is disposed does not ask again, although it lost its lease", () =>
    Effect.gen(function* () {
      const { calls, error } = yield* robbed((dispose) => Effect.forkDetach(dispose, { startImmediately: true }))
      assert.strictEqual(error.code, "DISPOSED")
      yield* passing(Effect.sleep("3 seconds"))
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("TOK-7: a client whose only caller left still gets and saves the token, and releases its lease", () =>
    Effect.gen(function* () {
      const { calls, clients, storage } = yield* fleet(2, { script: () => undefined })
      const caller = yield* Effect.forkChild(clients[0]!.manager.get)
      yield* until("the call is sent", () => calls.length === 1)
      yield* Fiber.interrupt(caller)
      calls[0]!.answer(tokenResponse("token-1"))
      yield* resting(clients[0]!.manager)
      assert.strictEqual((yield* clients[1]!.manager.get).reveal(), "token-1")
      assert.strictEqual(storage.leases.size, 0)
    })
  )

  it.effect("RUN-2: a dispose before an issue call was sent leaves no lease behind", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const inner = storage.service
      // It goes silent under the lease, before anything is sent.
      const silent = TokenStorage.of({
        ...inner,
        load: (name) => (storage.leases.size === 0 ? inner.load(name) : Effect.never)
      })
      const { calls, dispose, manager } = yield* testManager({ storage: { ...storage, service: silent } })
      yield* Effect.forkChild(Effect.exit(manager.get))
      yield* until("the lease is held", () => storage.leases.size === 1)
      yield* dispose
      assert.strictEqual(storage.leases.size, 0)
      assert.lengthOf(calls, 0)
    })
  )

  it.effect("TOK-3: one that was frozen while it waited asks again before it takes the lease for stuck", () => {
    const hands = handClock()
    return Effect.provideService(
      Effect.gen(function* () {
        const { calls, clients, storage } = yield* fleet(1)
        const { manager, told } = clients[0]!
        yield* manager.reject(yield* manager.get)
        const [name] = [...storage.records.keys()]
        yield* storage.service.exclusive!(name!, { owner: "dead", millis: 12_000 })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("it waits", () => manager.status().lease.state === "waiting" && hands.asleep() > 0)
        hands.pass(60_000)
        assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
        assert.lengthOf(calls, 2)
        assert.lengthOf(storage.granted, 3)
        assert.deepStrictEqual(told("storage-degraded"), [])
      }),
      Clock.Clock,
      hands.clock
    )
  })

  it.effect("a lease that does not end is not waited for for ever", () =>
    Effect.gen(function* () {
      const held = { _tag: "Held", owner: "stuck", fence: 7, left: 60_000 } as const
      const storage = sharedStorage()
      const service = TokenStorage.of({ ...storage.service, exclusive: () => Effect.succeed(held) })
      const { calls, manager, told } = yield* testManager({ storage: { ...storage, service } })
      assert.strictEqual((yield* passing(manager.get)).reveal(), "token-1")
      assert.lengthOf(calls, 1)
      const { at, detail, operation } = told("storage-degraded")[0]!
      assert.deepStrictEqual([operation, detail], ["exclusive", "the lease of stuck does not end"])
      assert.isAtLeast(at, 61_000)
      assert.isAtMost(at, 62_000)
      const strict = yield* testManager({ storage: { ...storage, service }, storageFailure: "require" })
      const error = yield* Effect.flip(passing(strict.manager.get))
      assert.deepStrictEqual(error.reason, { _tag: "LeaseTimeout", owner: "stuck" })
      assert.lengthOf(strict.calls, 0)
    })
  )
})

describe("what all learn who share a storage", () => {
  it.effect("TOK-7: a failure of the issuer is told to those who waited, and the next call tries again", () =>
    Effect.gen(function* () {
      const { calls, clients } = yield* fleet(4, {
        script: (_, index) => (index < 3 ? status(503) : tokenResponse("token-1"))
      })
      const all = yield* Effect.forkChild(Effect.forEach(clients, ({ manager }) => Effect.flip(manager.get), everybody))
      const waiting = () => clients.filter(({ manager }) => manager.status().lease.state === "waiting")
      yield* until("all others wait", () => waiting().length === 3)
      const errors = yield* passing(Fiber.join(all))
      assert.deepStrictEqual(
        errors.map(({ code }) => code),
        Array.from({ length: 4 }, () => "ISSUER_UNAVAILABLE")
      )
      assert.lengthOf(calls, 3)
      assert.strictEqual((yield* passing(clients[3]!.manager.get)).reveal(), "token-1")
    })
  )

  it.effect("TOK-7: also where somebody else has the lease by the time that they look", () =>
    Effect.gen(function* () {
      const { clients, storage, transport } = yield* fleet(1, { script: () => status(503) })
      const held = { _tag: "Held", owner: "third", fence: 99, left: 12_000 } as const
      const service = TokenStorage.of({
        ...storage.service,
        exclusive: (name, request) =>
          storage.asked.includes("release") ? Effect.succeed(held) : storage.service.exclusive!(name, request)
      })
      const late = yield* testManager({ storage: { ...storage, service }, transport })
      const first = yield* Effect.forkChild(Effect.flip(clients[0]!.manager.get))
      yield* until("the lease is taken", () => storage.granted.length === 1)
      const waiting = yield* Effect.forkChild(Effect.flip(late.manager.get))
      yield* until("the other waits", () => late.manager.status().lease.state === "waiting")
      assert.strictEqual((yield* passing(Fiber.join(first))).code, "ISSUER_UNAVAILABLE")
      assert.strictEqual((yield* passing(Fiber.join(waiting))).code, "ISSUER_UNAVAILABLE")
      assert.deepStrictEqual(late.told("storage-degraded"), [])
    })
  )

  it.effect("KEY-2: a refusal in the provider's own words is heeded by all, until it is over or the key changes", () =>
    Effect.gen(function* () {
      const readToken = () => ({ _tag: "KeyRejected", documented: true }) as const
      const { calls, clients, storage, transport } = yield* fleet(3, { provider: { readToken } })
      const errors = yield* passing(Effect.forEach(clients, ({ manager }) => Effect.flip(manager.get)))
      assert.deepStrictEqual([...new Set(errors.map(({ code }) => code))], ["API_KEY_REJECTED"])
      const { retryAt } = errors[0]!
      assert.deepStrictEqual([...new Set(errors.map((error) => error.retryAt))], [retryAt])
      assert.lengthOf(calls, 1)
      const cold = yield* testManager({ storage, transport })
      assert.strictEqual((yield* Effect.flip(cold.manager.get)).retryAt, retryAt)
      assert.lengthOf(cold.told("key-rejected"), 1)
      assert.lengthOf(calls, 1)
      const rotated = yield* testManager({ storage, source: `${apiKey}x` })
      assert.strictEqual((yield* rotated.manager.get).reveal(), "token-1")
      // Whoever was told to try again does, although the storage remembers.
      cold.manager.retryKey()
      assert.strictEqual((yield* passing(cold.manager.get)).reveal(), "token-2")
      yield* TestClock.adjust(30_000)
      assert.strictEqual((yield* passing(clients[0]!.manager.get)).reveal(), "token-2")
    })
  )

  it.effect("KEY-2: one that may be a portal's stays with whoever was given it", () =>
    Effect.gen(function* () {
      const { calls, clients } = yield* fleet(2, {
        script: (_, index) => (index === 0 ? status(401) : tokenResponse("token-1"))
      })
      assert.strictEqual((yield* Effect.flip(clients[0]!.manager.get)).code, "API_KEY_REJECTED")
      assert.strictEqual((yield* passing(clients[1]!.manager.get)).reveal(), "token-1")
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("KEY-2: an absurd refusal in a record is nobody's", () =>
    Effect.gen(function* () {
      for (const refusal of [
        { kind: "rejected", status: 401, at: 0, until: 1e15, times: 1 },
        { kind: "limited", status: 429, at: 0, until: 1e15, times: 1 },
        { kind: "rejected", status: 401, at: 0, until: -1, times: 1 },
        { kind: "rejected", status: "401", at: 0, until: 20_000, times: 1 },
        { kind: "other", status: 401, at: 0, until: 20_000, times: 1 }
      ]) {
        const storage = scriptedStorage()
        const text = (name: string) => JSON.stringify({ name, observed: {}, refusal })
        storage.becomes({ load: (name) => Effect.succeed<StoredText>({ text: text(name), fence: 1 }) })
        const { manager } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1", JSON.stringify(refusal))
      }
    })
  )

  it.effect(
    "TOK-8: the budget is one for all, whoever is killed after a call, and counts calls before they are sent",
    () =>
      Effect.gen(function* () {
        const { calls, clients, storage, transport } = yield* fleet(1, { budget: { burst: 3, perSecond: 0.1 } })
        void clients
        // Each of these is a process of its own: it comes, asks the issuer, and its token is refused.
        const codes: Array<string> = []
        for (let born = 0; born < 6; born += 1) {
          const { manager } = yield* testManager({ storage, transport, budget: { burst: 3, perSecond: 0.1 } })
          const result = yield* Effect.result(manager.get)
          codes.push(result._tag === "Success" ? "issued" : result.failure.code)
          if (result._tag === "Success") {
            yield* resting(manager)
            const name = [...storage.records.keys()][0]!
            const { token: _, ...rest } = JSON.parse(storage.record().text) as Record<string, unknown>
            storage.records.set(name, { ...storage.record(), text: JSON.stringify(rest) })
          }
        }
        const refused = "ISSUE_BUDGET_EXCEEDED"
        assert.deepStrictEqual(codes, ["issued", "issued", "issued", refused, refused, refused])
        assert.lengthOf(calls, 3)
        yield* TestClock.adjust("10 seconds")
        const { manager } = yield* testManager({ storage, transport, budget: { burst: 3, perSecond: 0.1 } })
        assert.strictEqual((yield* manager.get).reveal(), "token-4")
      })
  )

  it.effect("TOK-6: a life that one learned is known to the next", () =>
    Effect.gen(function* () {
      const { clients } = yield* fleet(2)
      const [one, two] = clients.map(({ manager }) => manager)
      for (let round = 0; round < 2; round += 1) {
        const token = yield* one!.get
        yield* TestClock.adjust("1 minute")
        yield* one!.reject(token, "expired")
      }
      yield* passing(one!.get)
      yield* two!.reject(yield* passing(two!.get))
      // Its own first token: nothing was ever refused to it as expired.
      const known = yield* passing(two!.get)
      assert.strictEqual(known.reveal(), "token-4")
      assert.deepStrictEqual([known.lifetimeSource, known.expiresAt! - known.issuedAt], ["observed", 60_000])
    })
  )

  /** Two clients had one token; the second learns `millis` after the first that it ended, an hour after it was minted. */
  const lateBy = Effect.fnUntraced(function* (millis: number) {
    const { calls, clients, storage } = yield* fleet(2)
    const [one, two] = clients.map(({ manager }) => manager)
    const token = yield* passing(one!.get)
    assert.strictEqual((yield* passing(two!.get)).id, token.id)
    yield* TestClock.adjust("1 hour")
    yield* one!.reject(token, "expired")
    const renewed = yield* passing(one!.get)
    yield* TestClock.adjust(millis)
    return { calls, late: two!, renewed, storage, token }
  })

  it.effect("REQ-1: what was refused is not sent again with a token that is as old as those were that ended", () =>
    Effect.gen(function* () {
      const { calls, late, renewed, token } = yield* lateBy(3_600_000)
      yield* late.reject(token, "expired")
      const second = yield* passing(late.get)
      assert.notStrictEqual(second.id, renewed.id)
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("REQ-1: nor with one about to be, whatever the refusal said", () =>
    Effect.gen(function* () {
      const { calls, late, token } = yield* lateBy(3_400_000)
      yield* late.reject(token, "invalid")
      assert.strictEqual((yield* passing(late.get)).reveal(), "token-3")
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("TOK-3: a younger one is adopted", () =>
    Effect.gen(function* () {
      const { calls, late, renewed, token } = yield* lateBy(2_400_000)
      yield* late.reject(token, "expired")
      assert.strictEqual((yield* passing(late.get)).id, renewed.id)
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("TOK-3: so is an old one by whoever starts, and has a replay left", () =>
    Effect.gen(function* () {
      const { calls, renewed, storage } = yield* lateBy(3_600_000)
      const { manager } = yield* testManager({ storage })
      assert.strictEqual((yield* passing(manager.get)).id, renewed.id)
      assert.lengthOf(calls, 2)
    })
  )
})

describe("STO-2: when the storage fails", () => {
  const down = () => Effect.fail(new StorageFailure({ operation: "load", detail: "down" }))

  /** A storage that works or is down, as told. */
  const breakable = () => {
    const storage = sharedStorage()
    const inner = storage.service
    let isDown = false
    const orDown = <A>(operation: Effect.Effect<A, StorageFailure>) =>
      Effect.suspend(() => (isDown ? down() : operation))
    const service = TokenStorage.of({
      ...inner,
      load: (name) => orDown(inner.load(name)),
      save: (name, stored) => orDown(inner.save(name, stored)),
      exclusive: (name, request) => orDown(inner.exclusive!(name, request))
    })
    return {
      ...storage,
      service,
      goDown: () => {
        isDown = true
      },
      comeBack: () => {
        isDown = false
      }
    }
  }

  it.effect("a fault shorter than the grace is waited out, and nobody issues for himself", () =>
    Effect.gen(function* () {
      const storage = breakable()
      const { calls, clients } = yield* fleet(4, { storage })
      storage.goDown()
      const waiting = yield* Effect.forkChild(Effect.forEach(clients, ({ manager }) => manager.get, everybody))
      yield* settled
      yield* TestClock.adjust(1_500)
      storage.comeBack()
      yield* passing(Fiber.join(waiting))
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(
        clients.flatMap(({ types }) => types()).filter((type) => type.startsWith("storage")),
        []
      )
    })
  )

  it.effect("a longer one: all go on with the fallback, whose lease and token they share", () =>
    Effect.gen(function* () {
      const storage = breakable()
      const fallback = sharedStorage()
      const { calls, clients } = yield* fleet(4, { storage, fallback })
      storage.goDown()
      const got = yield* passing(Effect.forEach(clients, ({ manager }) => manager.get, everybody))
      assert.lengthOf(calls, 1)
      assert.strictEqual(new Set(got.map(({ id }) => id)).size, 1)
      for (const { told, manager } of clients) {
        assert.lengthOf(told("storage-degraded"), 1)
        assert.strictEqual(manager.status().state, "degraded")
      }
    })
  )

  it.effect(
    "without a fallback each has a token of its own; later hits bring all back to one, without an issue call",
    () =>
      Effect.gen(function* () {
        const storage = breakable()
        const { calls, clients } = yield* fleet(4, { storage })
        storage.goDown()
        yield* passing(Effect.forEach(clients, ({ manager }) => manager.get, everybody))
        assert.lengthOf(calls, 4)
        // While it is down, looking at it again costs no issue call, no event and no caller's time.
        yield* TestClock.adjust("5 seconds")
        for (const { manager } of clients) assert.isDefined(manager.peek())
        yield* settled
        storage.comeBack()
        for (let step = 0; step < 40; step += 1) {
          yield* TestClock.adjust("1 second")
          for (const { manager } of clients) {
            assert.isDefined(manager.peek())
            yield* passing(resting(manager))
          }
        }
        assert.lengthOf(calls, 4)
        assert.strictEqual(new Set(clients.map(({ manager }) => manager.peek()?.id)).size, 1)
        assert.include(storage.record().text, clients[0]!.manager.peek()!.id)
        for (const { manager, told } of clients) {
          assert.lengthOf(told("storage-degraded"), 1)
          assert.lengthOf(told("storage-recovered"), 1)
          assert.strictEqual(manager.status().state, "fresh")
        }
        assert.strictEqual(
          clients.flatMap(({ told }) => told("adopted")).filter(({ reason }) => reason === "rejoin").length,
          3
        )
      })
  )

  it.effect("KEY-4: a token comes back to no other key's record than its own", () =>
    Effect.gen(function* () {
      const storage = breakable()
      let key = apiKey
      const { calls, manager } = yield* testManager({ storage, source: () => key })
      storage.goDown()
      yield* passing(manager.get)
      key = `${apiKey}x`
      storage.comeBack()
      yield* TestClock.adjust("2 seconds")
      assert.isDefined(manager.peek())
      yield* passing(resting(manager))
      assert.strictEqual(storage.records.size, 0)
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("TOK-1: nor does every hit ask for the key, while the key has changed and the token is good", () =>
    Effect.gen(function* () {
      const storage = breakable()
      let key = apiKey
      let asked = 0
      const source = () => {
        asked += 1
        return key
      }
      const { manager } = yield* testManager({ storage, source })
      storage.goDown()
      yield* passing(manager.get)
      key = `${apiKey}x`
      yield* TestClock.adjust("2 seconds")
      asked = 0
      for (let hit = 0; hit < 20; hit += 1) {
        assert.isDefined(manager.peek())
        yield* resting(manager)
      }
      assert.strictEqual(asked, 1)
      yield* TestClock.adjust("1 second")
      for (let hit = 0; hit < 20; hit += 1) {
        assert.isDefined(manager.peek())
        yield* resting(manager)
      }
      assert.strictEqual(asked, 2)
    })
  )

  it.effect("required: a new token fails with STORAGE_FAILED after the grace, and the good one goes on serving", () =>
    Effect.gen(function* () {
      const storage = breakable()
      const { calls, manager } = yield* testManager({ storage, storageFailure: "require" })
      const token = yield* manager.get
      storage.goDown()
      assert.strictEqual(yield* manager.get, token)
      yield* manager.reject(token)
      const error = yield* Effect.flip(passing(manager.get))
      assert.deepStrictEqual(error.reason, { _tag: "StorageFailed", operation: "load" })
      assert.isTrue(error.retryable)
      assert.include(error.message, "down")
      assert.lengthOf(calls, 1)
      storage.comeBack()
      assert.strictEqual((yield* passing(manager.get)).reveal(), "token-2")
    })
  )

  it.effect("required: others who may write there are STORAGE_INSECURE at once, and an event otherwise", () =>
    Effect.gen(function* () {
      const insecure = new StorageFailure({ operation: "load", detail: "its mode is 0777", insecure: true })
      const storage = scriptedStorage({ load: () => Effect.fail(insecure) })
      const strict = yield* testManager({ storage, storageFailure: "require" })
      const error = yield* Effect.flip(strict.manager.get)
      assert.strictEqual(error.code, "STORAGE_INSECURE")
      assert.include(error.message, "0777")
      const { manager, told } = yield* testManager({ storage })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.strictEqual(told("storage-degraded")[0]?.detail, "its mode is 0777")
    })
  )
})

describe("STO-5: sealed records", () => {
  const keyOf = (text: string) => text.repeat(32)

  it.effect("tell nothing, are opened by whoever has the key, and by name alone never", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const { manager } = yield* testManager({ storage, encryptionKey: keyOf("a") })
      const token = yield* passing(manager.get)
      const [[name, record]] = [...storage.records] as [[string, StoredText]]
      assert.match(name, /^tokenkeep-1-[0-9a-f]{64}-[0-9a-f]{16}$/)
      for (const told of [token.reveal(), token.id, "issuedAt", apiKey]) assert.notInclude(record.text, told)
      const same = yield* testManager({ storage, encryptionKey: new TextEncoder().encode(keyOf("a")) })
      assert.strictEqual((yield* passing(same.manager.get)).id, token.id)
      const other = yield* testManager({ storage, encryptionKey: keyOf("b") })
      assert.notStrictEqual((yield* passing(other.manager.get)).id, token.id)
      const open = yield* testManager({ storage })
      assert.notStrictEqual((yield* passing(open.manager.get)).id, token.id)
      assert.strictEqual(storage.records.size, 3)
    })
  )

  it.effect("keys are rotated without a token lost: the first seals, all open", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const before = yield* testManager({ storage, encryptionKey: keyOf("a") })
      const token = yield* passing(before.manager.get)
      const both = yield* testManager({ storage, encryptionKey: [keyOf("b"), keyOf("a")] })
      assert.strictEqual((yield* passing(both.manager.get)).id, token.id)
      yield* both.manager.reject(token)
      const next = yield* passing(both.manager.get)
      const after = yield* testManager({ storage, encryptionKey: keyOf("b") })
      assert.strictEqual((yield* passing(after.manager.get)).id, next.id)
      const waiting = yield* testManager({ storage, encryptionKey: [keyOf("a"), keyOf("b")] })
      assert.strictEqual((yield* passing(waiting.manager.get)).id, next.id)
    })
  )

  it.effect("one that was changed, cut, or put under another name is absent, with an event, and is replaced", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const first = yield* testManager({ storage, encryptionKey: keyOf("a") })
      yield* passing(first.manager.get)
      const elsewhere = yield* testManager({ storage, encryptionKey: keyOf("a"), source: `${apiKey}x` })
      yield* passing(elsewhere.manager.get)
      const [[name, good], [, theirs]] = [...storage.records] as [[string, StoredText], [string, StoredText]]
      const flipped = `${good.text.slice(0, 40)}${good.text[40] === "A" ? "B" : "A"}${good.text.slice(41)}`
      for (const text of [theirs.text, flipped, good.text.slice(0, -8), "", "!", "QUJD"]) {
        storage.records.set(name, { text, fence: storage.records.get(name)!.fence })
        const { manager, told } = yield* testManager({
          storage,
          encryptionKey: keyOf("a"),
          script: () => tokenResponse("new")
        })
        assert.strictEqual((yield* passing(manager.get)).reveal(), "new")
        yield* passing(resting(manager))
        assert.deepStrictEqual(
          told("record-ignored").map(({ why }) => why),
          ["sealed"]
        )
        const again = yield* testManager({ storage, encryptionKey: keyOf("a") })
        assert.strictEqual((yield* passing(again.manager.get)).reveal(), "new")
      }
    })
  )

  it.effect("a key that is too short to be one is CONFIG_INVALID, and is not quoted", () =>
    Effect.gen(function* () {
      for (const encryptionKey of [
        "",
        "short-secret",
        keyOf("a").slice(1),
        new Uint8Array(31),
        [],
        [keyOf("a"), "x"]
      ]) {
        const error = yield* Effect.flip(testManager({ encryptionKey }))
        assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "encryptionKey" })
        assert.notInclude(error.message, "short-secret")
      }
    })
  )
})
