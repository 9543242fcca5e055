import { assert, describe, it } from "@effect/vitest"
import { type Lease, TokenStorage } from "@tokenkeep/core"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { makeBells } from "../src/internal/bells.ts"
import { makeGrants } from "../src/internal/grants.ts"

const opened = Effect.map(TokenStorage, ({ exclusive, watch, ...others }) => ({
  ...others,
  exclusive: exclusive!,
  watch: watch!
}))

const run = <A, E>(effect: Effect.Effect<A, E, TokenStorage>) => Effect.provide(effect, MemoryStorage.layer())

const isLease = (answer: { readonly _tag: string }): answer is Lease => answer._tag === "Lease"

describe("the lease in memory", () => {
  it.effect("TOK-2: is one for all who are given the same layer object", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memoMap = Layer.makeMemoMapUnsafe()
        const layer = MemoryStorage.layer()
        const build = Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(layer, memoMap, scope))
        const [first, second] = [Context.get(yield* build, TokenStorage), Context.get(yield* build, TokenStorage)]
        const lease = yield* first.exclusive!("name", { owner: "first", millis: 12_000 })
        const held = yield* second.exclusive!("name", { owner: "second", millis: 12_000 })
        assert.deepStrictEqual(held, { _tag: "Held", owner: "first", fence: lease.fence, left: 12_000 })
        const other = Context.get(
          yield* Layer.buildWithMemoMap(MemoryStorage.layer(), memoMap, yield* Effect.scope),
          TokenStorage
        )
        assert.strictEqual((yield* other.exclusive!("name", { owner: "second", millis: 12_000 }))._tag, "Lease")
      })
    )
  )

  it.effect("TOK-3: lasts its time to the millisecond, on effect's clock", () =>
    run(
      Effect.gen(function* () {
        const { exclusive } = yield* opened
        yield* exclusive("name", { owner: "first", millis: 12_000 })
        yield* TestClock.adjust(11_999)
        const held = yield* exclusive("name", { owner: "second", millis: 12_000 })
        assert.deepStrictEqual(held, { _tag: "Held", owner: "first", fence: 1, left: 1 })
        yield* TestClock.adjust(1)
        const next = yield* exclusive("name", { owner: "second", millis: 12_000 })
        assert.deepStrictEqual([next._tag, next.fence], ["Lease", 2])
      })
    )
  )

  it.effect("TOK-9: neither ends early nor stays when the wall clock is set", () =>
    run(
      Effect.gen(function* () {
        const { exclusive } = yield* opened
        yield* TestClock.setTime(1_800_000_000_000)
        yield* exclusive("name", { owner: "first", millis: 12_000 })
        yield* TestClock.setTime(1_799_996_400_000)
        yield* TestClock.adjust(11_999)
        assert.strictEqual((yield* exclusive("name", { owner: "second", millis: 1 }))._tag, "Held")
        yield* TestClock.adjust(1)
        assert.strictEqual((yield* exclusive("name", { owner: "second", millis: 1 }))._tag, "Lease")
      })
    )
  )

  it.effect("RUN-2: never sleeps: no timer is there to keep a process alive", () => {
    const use = Effect.gen(function* () {
      const { exclusive, load, save, watch } = yield* opened
      const watching = yield* Effect.forkScoped(yield* watch("name"))
      const lease = yield* exclusive("name", { owner: "first", millis: 12_000 })
      yield* exclusive("name", { owner: "second", millis: 12_000 })
      yield* save("name", { text: "text", fence: lease.fence })
      yield* Fiber.join(watching)
      if (isLease(lease)) yield* lease.release
      return yield* load("name")
    })
    return Effect.gen(function* () {
      const sleep = () => Effect.die("it sleeps")
      const sleepless: Clock.Clock = Object.create(yield* Clock.Clock, { sleep: { value: sleep } })
      const found = yield* run(Effect.scoped(use)).pipe(Effect.provideService(Clock.Clock, sleepless))
      assert.strictEqual(found?.text, "text")
    })
  })

  it.effect("STO-1: has no fence left after the largest one, and says so", () =>
    run(
      Effect.gen(function* () {
        const { exclusive, save } = yield* opened
        yield* save("name", { text: "last", fence: Number.MAX_SAFE_INTEGER })
        const failure = yield* Effect.flip(exclusive("name", { owner: "first", millis: 1 }))
        assert.deepStrictEqual([failure._tag, failure.operation], ["StorageFailure", "exclusive"])
        assert.strictEqual((yield* exclusive("other", { owner: "first", millis: 1 })).fence, 1)
      })
    )
  )

  it.effect("TOK-3: wakes its watchers when it is given back, and not when a late owner does", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { exclusive, watch } = yield* opened
          const late = yield* exclusive("name", { owner: "first", millis: 10 })
          yield* TestClock.adjust(10)
          const current = yield* exclusive("name", { owner: "second", millis: 12_000 })
          const waiting = yield* Effect.forkScoped(yield* watch("name"))
          yield* Effect.yieldNow
          if (isLease(late)) yield* late.release
          yield* TestClock.adjust(1)
          assert.isUndefined(waiting.pollUnsafe())
          if (isLease(current)) yield* current.release
          yield* Fiber.join(waiting)
          assert.isDefined(waiting.pollUnsafe())
        })
      )
    )
  )
})

describe("STO-6: what is kept of names", () => {
  const hour = 3_600_000
  const request = { owner: "owner", millis: 1_000 }

  it("is forgotten an hour after their lease ended, once there are many, and fences rise all the same", () => {
    const grants = makeGrants()
    let size = 0
    let now = 0
    for (let index = 0; index < 100_000; index += 1) {
      grants.grant(`name ${index}`, request, 0, now)
      now += 100
      size = Math.max(size, grants.size())
    }
    // 36,000 leases ended within the last hour.
    assert.isBelow(size, 80_000)
    const before = grants.grant("one", request, 7_000, now).fence
    now += hour + 2_000
    for (let index = 0; index < 80_000; index += 1) grants.grant(`other ${index}`, request, 0, (now += 1))
    assert.isUndefined(grants.fenceOf("one"))
    assert.isAbove(grants.grant("one", request, 0, now).fence, before)
  })

  it("is kept for an hour after a lease ended, however many there are", () => {
    const grants = makeGrants()
    const { fence } = grants.grant("lost", request, 41, 0)
    for (let index = 0; index < 10_000; index += 1) grants.grant(`name ${index}`, request, 0, hour - 1)
    assert.strictEqual(grants.fenceOf("lost"), fence)
  })

  it("is kept while a lease lasts", () => {
    const grants = makeGrants()
    grants.grant("long", { owner: "owner", millis: 100 * hour }, 0, 0)
    for (let index = 0; index < 10_000; index += 1) grants.grant(`name ${index}`, request, 0, index * 10_000)
    const held = grants.heldAgainst("long", "other", 99 * hour)
    assert.deepStrictEqual([held?.owner, held?.left], ["owner", hour])
    assert.isBelow(grants.size(), 3_000)
  })

  it.effect("is nothing for a name that nobody watches any more", () =>
    Effect.gen(function* () {
      const bells = makeBells()
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* Effect.forEach(["a", "b", "a"], bells.watch)
          assert.strictEqual(bells.size(), 2)
        })
      )
      assert.strictEqual(bells.size(), 0)
      bells.ring("a")
      assert.strictEqual(bells.size(), 0)
    })
  )
})
