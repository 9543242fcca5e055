import { assert, describe, it } from "@effect/vitest"
import { type Lease, TokenStorage } from "@tokenkeep/core"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { makeGrants } from "../src/grants.ts"
import { makeWatchers } from "../src/watchers.ts"

const openStorage = Effect.map(TokenStorage, ({ acquireLease, watch, ...others }) => ({
  ...others,
  acquireLease: acquireLease!,
  watch: watch!
}))

const run = <A, E>(effect: Effect.Effect<A, E, TokenStorage>) => Effect.provide(effect, MemoryStorage.layer())

const isLease = (result: { readonly _tag: string }): result is Lease => result._tag === "Lease"

describe("a lease in memory", () => {
  it.effect("TOK-2: is shared by clients with the same layer object", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memoMap = Layer.makeMemoMapUnsafe()
        const layer = MemoryStorage.layer()
        const build = Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(layer, memoMap, scope))
        const [first, second] = [Context.get(yield* build, TokenStorage), Context.get(yield* build, TokenStorage)]
        const lease = yield* first.acquireLease!("name", { owner: "first", millis: 12_000 })
        const taken = yield* second.acquireLease!("name", { owner: "second", millis: 12_000 })
        assert.deepStrictEqual(taken, { _tag: "LeaseTaken", owner: "first", fence: lease.fence, left: 12_000 })
        const other = Context.get(
          yield* Layer.buildWithMemoMap(MemoryStorage.layer(), memoMap, yield* Effect.scope),
          TokenStorage
        )
        assert.strictEqual((yield* other.acquireLease!("name", { owner: "second", millis: 12_000 }))._tag, "Lease")
      })
    )
  )

  it.effect("TOK-3: ends after exactly the requested milliseconds of Effect's clock", () =>
    run(
      Effect.gen(function* () {
        const { acquireLease } = yield* openStorage
        yield* acquireLease("name", { owner: "first", millis: 12_000 })
        yield* TestClock.adjust(11_999)
        const taken = yield* acquireLease("name", { owner: "second", millis: 12_000 })
        assert.deepStrictEqual(taken, { _tag: "LeaseTaken", owner: "first", fence: 1, left: 1 })
        yield* TestClock.adjust(1)
        const next = yield* acquireLease("name", { owner: "second", millis: 12_000 })
        assert.deepStrictEqual([next._tag, next.fence], ["Lease", 2])
      })
    )
  )

  it.effect("TOK-9: ends neither earlier nor later when the wall clock is changed", () =>
    run(
      Effect.gen(function* () {
        const { acquireLease } = yield* openStorage
        yield* TestClock.setTime(1_800_000_000_000)
        yield* acquireLease("name", { owner: "first", millis: 12_000 })
        yield* TestClock.setTime(1_799_996_400_000)
        yield* TestClock.adjust(11_999)
        assert.strictEqual((yield* acquireLease("name", { owner: "second", millis: 1 }))._tag, "LeaseTaken")
        yield* TestClock.adjust(1)
        assert.strictEqual((yield* acquireLease("name", { owner: "second", millis: 1 }))._tag, "Lease")
      })
    )
  )

  it.effect("RUN-2: starts no timer that would keep a process running", () => {
    const use = Effect.gen(function* () {
      const { acquireLease, load, save, watch } = yield* openStorage
      const watching = yield* Effect.forkScoped(yield* watch("name"))
      const lease = yield* acquireLease("name", { owner: "first", millis: 12_000 })
      yield* acquireLease("name", { owner: "second", millis: 12_000 })
      yield* save("name", { text: "text", fence: lease.fence })
      yield* Fiber.join(watching)
      if (isLease(lease)) yield* lease.release
      return yield* load("name")
    })
    return Effect.gen(function* () {
      const sleep = () => Effect.die("the storage started a timer")
      const clockWithoutTimers: Clock.Clock = Object.create(yield* Clock.Clock, { sleep: { value: sleep } })
      const found = yield* run(Effect.scoped(use)).pipe(Effect.provideService(Clock.Clock, clockWithoutTimers))
      assert.strictEqual(found?.text, "text")
    })
  })

  it.effect("STO-1: fails if no higher fence is left", () =>
    run(
      Effect.gen(function* () {
        const { acquireLease, save } = yield* openStorage
        yield* save("name", { text: "last", fence: Number.MAX_SAFE_INTEGER })
        const failure = yield* Effect.flip(acquireLease("name", { owner: "first", millis: 1 }))
        assert.deepStrictEqual([failure._tag, failure.operation], ["StorageFailure", "acquireLease"])
        assert.strictEqual((yield* acquireLease("other", { owner: "first", millis: 1 })).fence, 1)
      })
    )
  )

  it.effect("TOK-3: wakes its watchers when its owner releases it, but not when a late owner does", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { acquireLease, watch } = yield* openStorage
          const late = yield* acquireLease("name", { owner: "first", millis: 10 })
          yield* TestClock.adjust(10)
          const current = yield* acquireLease("name", { owner: "second", millis: 12_000 })
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

describe("TOK-3: a quiet save", () => {
  it.effect("wakes no watcher, and saves", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { load, save, watch } = yield* openStorage
          const waiting = yield* Effect.forkScoped(yield* watch("name"))
          yield* Effect.yieldNow
          yield* save("name", { text: "claim", fence: 1 }, true)
          yield* TestClock.adjust(1)
          assert.isUndefined(waiting.pollUnsafe())
          assert.strictEqual((yield* load("name"))?.text, "claim")
          yield* save("name", { text: "token", fence: 1 })
          yield* Fiber.join(waiting)
        })
      )
    )
  )
})

describe("STO-6: the memory used by names", () => {
  const hour = 3_600_000
  const request = { owner: "owner", millis: 1_000 }

  it("is freed an hour after the lease ended, if there are many names, and fences still rise", () => {
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
    assert.isUndefined(grants.lastFence("one"))
    assert.isAbove(grants.grant("one", request, 0, now).fence, before)
  })

  it("is kept for an hour after the lease ended, however many names there are", () => {
    const grants = makeGrants()
    const { fence } = grants.grant("lost", request, 41, 0)
    for (let index = 0; index < 10_000; index += 1) grants.grant(`name ${index}`, request, 0, hour - 1)
    assert.strictEqual(grants.lastFence("lost"), fence)
  })

  it("is kept while the lease lasts, which is a minute at most", () => {
    const grants = makeGrants()
    grants.grant("long", { owner: "owner", millis: 100 * hour }, 0, 0)
    for (let index = 0; index < 10_000; index += 1) grants.grant(`name ${index}`, request, 0, index * 5)
    const taken = grants.leaseOfOther("long", "other", 59_000)
    assert.deepStrictEqual([taken?.owner, taken?.left], ["owner", 1_000])
    assert.isUndefined(grants.leaseOfOther("long", "other", 60_000))
  })

  it.effect("is freed when a name has no more watchers", () =>
    Effect.gen(function* () {
      const watchers = makeWatchers()
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* Effect.forEach(["a", "b", "a"], watchers.watch)
          assert.strictEqual(watchers.size(), 2)
        })
      )
      assert.strictEqual(watchers.size(), 0)
      watchers.notify("a")
      assert.strictEqual(watchers.size(), 0)
    })
  )
})
