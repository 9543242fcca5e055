import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { type StoredRecord, TokenStorage } from "../../src/index.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { status, tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager } from "../support/testManager.ts"
import { whileTimePasses, untilIdle, until } from "../support/time.ts"
import { sharingClients, unbounded } from "../support/sharingClients.ts"

describe("what clients share through the storage", () => {
  it.effect("TOK-7: a failure of the issuer, which clients that waited get as well; the next call tries again", () =>
    Effect.gen(function* () {
      const { calls, clients } = yield* sharingClients(4, {
        script: (_, index) => (index < 3 ? status(503) : tokenResponse("token-1"))
      })
      const all = yield* Effect.forkChild(Effect.forEach(clients, ({ manager }) => Effect.flip(manager.get), unbounded))
      const waiting = () => clients.filter(({ manager }) => manager.status().lease.state === "waiting")
      yield* until("all other clients wait", () => waiting().length === 3)
      const errors = yield* whileTimePasses(Fiber.join(all))
      assert.deepStrictEqual(
        errors.map(({ code }) => code),
        Array.from({ length: 4 }, () => "ISSUER_UNAVAILABLE")
      )
      assert.lengthOf(calls, 3)
      assert.strictEqual((yield* whileTimePasses(clients[3]!.manager.get)).reveal(), "token-1")
    })
  )

  it.effect("TOK-7: a failure of the issuer, also if another client owns the lease when they look", () =>
    Effect.gen(function* () {
      const { clients, storage, transport } = yield* sharingClients(1, { script: () => status(503) })
      const taken = { _tag: "LeaseTaken", owner: "third", fence: 99, left: 12_000 } as const
      const service = TokenStorage.of({
        ...storage.service,
        acquireLease: (name, request) =>
          storage.operations.includes("release") ? Effect.succeed(taken) : storage.service.acquireLease!(name, request)
      })
      const late = yield* testManager({ storage: { ...storage, service }, transport })
      const first = yield* Effect.forkChild(Effect.flip(clients[0]!.manager.get))
      yield* until("the lease is taken", () => storage.granted.length === 1)
      const waiting = yield* Effect.forkChild(Effect.flip(late.manager.get))
      yield* until("the other client waits", () => late.manager.status().lease.state === "waiting")
      assert.strictEqual((yield* whileTimePasses(Fiber.join(first))).code, "ISSUER_UNAVAILABLE")
      assert.strictEqual((yield* whileTimePasses(Fiber.join(waiting))).code, "ISSUER_UNAVAILABLE")
      assert.deepStrictEqual(late.eventsOf("storage-degraded"), [])
    })
  )

  it.effect("KEY-2: a documented rejection of the key, until it ends or the key changes", () =>
    Effect.gen(function* () {
      const readTokenResponse = () => ({ _tag: "KeyRejected", documented: true }) as const
      const { calls, clients, storage, transport } = yield* sharingClients(3, { provider: { readTokenResponse } })
      const errors = yield* whileTimePasses(Effect.forEach(clients, ({ manager }) => Effect.flip(manager.get)))
      assert.deepStrictEqual([...new Set(errors.map(({ code }) => code))], ["API_KEY_REJECTED"])
      const { retryAt } = errors[0]!
      assert.deepStrictEqual([...new Set(errors.map((error) => error.retryAt))], [retryAt])
      assert.lengthOf(calls, 1)
      const cold = yield* testManager({ storage, transport })
      assert.strictEqual((yield* Effect.flip(cold.manager.get)).retryAt, retryAt)
      assert.lengthOf(cold.eventsOf("key-rejected"), 1)
      assert.lengthOf(calls, 1)
      const rotated = yield* testManager({ storage, source: `${apiKey}x` })
      assert.strictEqual((yield* rotated.manager.get).reveal(), "token-1")
      // After retryKey, the client tries again, although the record still has the rejection.
      cold.manager.retryKey()
      assert.strictEqual((yield* whileTimePasses(cold.manager.get)).reveal(), "token-2")
      yield* TestClock.adjust(30_000)
      assert.strictEqual((yield* whileTimePasses(clients[0]!.manager.get)).reveal(), "token-2")
    })
  )

  it.effect("KEY-2: no rejection that a portal may have sent", () =>
    Effect.gen(function* () {
      const { calls, clients } = yield* sharingClients(2, {
        script: (_, index) => (index === 0 ? status(401) : tokenResponse("token-1"))
      })
      assert.strictEqual((yield* Effect.flip(clients[0]!.manager.get)).code, "API_KEY_REJECTED")
      assert.strictEqual((yield* whileTimePasses(clients[1]!.manager.get)).reveal(), "token-1")
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("KEY-2: no rejection with implausible values", () =>
    Effect.gen(function* () {
      for (const refusal of [
        { kind: "rejected", status: 401, at: 0, until: 1e15, times: 1 },
        { kind: "limited", status: 429, at: 0, until: 1e15, times: 1 },
        { kind: "rejected", status: 401, at: 0, until: -1, times: 1 },
        { kind: "rejected", status: "401", at: 0, until: 20_000, times: 1 },
        { kind: "other", status: 401, at: 0, until: 20_000, times: 1 }
      ]) {
        const storage = scriptedStorage()
        const text = (name: string) => JSON.stringify({ name, observed: {}, rejection: refusal })
        storage.override({ load: (name) => Effect.succeed<StoredRecord>({ text: text(name), fence: 1 }) })
        const { manager } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1", JSON.stringify(refusal))
      }
    })
  )

  it.effect("TOK-8: the budget, which counts requests before they are sent, even if their process is killed", () =>
    Effect.gen(function* () {
      const { calls, clients, storage, transport } = yield* sharingClients(1, {
        budget: { burst: 3, perSecond: 0.1 }
      })
      void clients
      // Each of these is a process: it starts, requests a token, and gets a 401 for it.
      const codes: Array<string> = []
      for (let born = 0; born < 6; born += 1) {
        const { manager } = yield* testManager({ storage, transport, budget: { burst: 3, perSecond: 0.1 } })
        const result = yield* Effect.result(manager.get)
        codes.push(result._tag === "Success" ? "issued" : result.failure.code)
        if (result._tag === "Success") {
          yield* untilIdle(manager)
          const name = [...storage.records.keys()][0]!
          const { token: _, ...rest } = JSON.parse(storage.record().text) as Record<string, unknown>
          storage.records.set(name, { ...storage.record(), text: JSON.stringify(rest) })
        }
      }
      const limited = "TOKEN_REQUEST_LIMITED"
      assert.deepStrictEqual(codes, ["issued", "issued", "issued", limited, limited, limited])
      assert.lengthOf(calls, 3)
      yield* TestClock.adjust("10 seconds")
      const { manager } = yield* testManager({ storage, transport, budget: { burst: 3, perSecond: 0.1 } })
      assert.strictEqual((yield* manager.get).reveal(), "token-4")
    })
  )

  it.effect("TOK-6: learned lifetimes", () =>
    Effect.gen(function* () {
      const { clients } = yield* sharingClients(2)
      const [one, two] = clients.map(({ manager }) => manager)
      for (let round = 0; round < 2; round += 1) {
        const token = yield* one!.get
        yield* TestClock.adjust("1 minute")
        yield* one!.reject(token, "expired")
      }
      yield* whileTimePasses(one!.get)
      yield* two!.reject(yield* whileTimePasses(two!.get))
      // Its own first token: none of its tokens expired yet.
      const known = yield* whileTimePasses(two!.get)
      assert.strictEqual(known.reveal(), "token-4")
      assert.deepStrictEqual([known.lifetimeSource, known.expiresAt! - known.issuedAt], ["observed", 60_000])
    })
  )

  /**
   * Two clients share a token. The second learns `millis` after the first that it expired, an hour after it was issued.
   */
  const lateBy = Effect.fnUntraced(function* (millis: number) {
    const { calls, clients, storage } = yield* sharingClients(2)
    const [one, two] = clients.map(({ manager }) => manager)
    const token = yield* whileTimePasses(one!.get)
    assert.strictEqual((yield* whileTimePasses(two!.get)).id, token.id)
    yield* TestClock.adjust("1 hour")
    yield* one!.reject(token, "expired")
    const renewed = yield* whileTimePasses(one!.get)
    yield* TestClock.adjust(millis)
    return { calls, late: two!, renewed, storage, token }
  })

  it.effect("REQ-1: no token for a replay that is as old as others were when they expired", () =>
    Effect.gen(function* () {
      const { calls, late, renewed, token } = yield* lateBy(3_600_000)
      yield* late.reject(token, "expired")
      const second = yield* whileTimePasses(late.get)
      assert.notStrictEqual(second.id, renewed.id)
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("REQ-1: no token for a replay that is close to that age, whatever the reason of the rejection", () =>
    Effect.gen(function* () {
      const { calls, late, token } = yield* lateBy(3_400_000)
      yield* late.reject(token, "invalid")
      assert.strictEqual((yield* whileTimePasses(late.get)).reveal(), "token-3")
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("TOK-3: a younger token, which is adopted", () =>
    Effect.gen(function* () {
      const { calls, late, renewed, token } = yield* lateBy(2_400_000)
      yield* late.reject(token, "expired")
      assert.strictEqual((yield* whileTimePasses(late.get)).id, renewed.id)
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("TOK-3: an old token, which a client that starts adopts, since it has a replay left", () =>
    Effect.gen(function* () {
      const { calls, renewed, storage } = yield* lateBy(3_600_000)
      const { manager } = yield* testManager({ storage })
      assert.strictEqual((yield* whileTimePasses(manager.get)).id, renewed.id)
      assert.lengthOf(calls, 2)
    })
  )
})
