import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { type Checks, ensure, violated } from "../checks.ts"
import { mustAcquire, mustSave, name, passing } from "./assertions.ts"
import { replacing } from "./exclusiveAssertions.ts"
import type { OpenStorage, StorageFixture } from "./fixture.ts"

/** A watcher may miss a change, so there are several, and each is followed by a longer pause than the one before. */
const changes = 10

/** The time for a watcher to start waiting, in milliseconds. */
const settling = 20

/** Changes the storage until a watcher is woken. */
const mustWake = Effect.fnUntraced(function* <E, R>(
  { pass }: StorageFixture,
  next: Effect.Effect<void>,
  change: Effect.Effect<void, E, R>,
  what: string
) {
  const waiting = yield* Effect.forkScoped(next)
  yield* pass(settling)
  for (let count = 0; count < changes; count += 1) {
    yield* change
    yield* pass(settling)
    for (let part = 0; part < 2 ** count && waiting.pollUnsafe() === undefined; part += 1) yield* pass(settling)
    if (waiting.pollUnsafe() !== undefined) return
  }
  return yield* violated(`a watcher was not woken by ${changes} ${what}`)
})

/** While nothing changes, a watcher that always waits is woken a few times at most. */
const mustStayQuiet = Effect.fnUntraced(function* ({ pass }: StorageFixture, next: Effect.Effect<void>, when: string) {
  let wakes = 0
  const count = Effect.andThen(
    next,
    Effect.andThen(
      Effect.sync(() => (wakes += 1)),
      Effect.yieldNow
    )
  )
  const counting = yield* Effect.forkScoped(Effect.forever(count))
  for (let slice = 0; slice < 40; slice += 1) yield* pass(10)
  yield* Fiber.interrupt(counting)
  yield* ensure(wakes <= 5, `within 400 ms ${when}, a watcher was woken ${wakes} times`)
})

/** Saves with a higher fence each time it runs. */
const saving = (storage: OpenStorage) => {
  let fence = 0
  return Effect.suspend(() => mustSave(storage, name, `text ${fence}`, (fence += 1)))
}

export const watching: Checks<StorageFixture> = {
  "save-wakes": {
    behaviour: "A save wakes a watcher of its name, again and again.",
    guarantees: ["TOK-3"],
    requires: ["watch"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const next = yield* other.watch(name)
      const save = saving(one)
      for (let round = 0; round < 3; round += 1) yield* mustWake(fixture, next, save, "saves")
    }
  },
  "replace-wakes": {
    behaviour: "A replace of an exclusive record wakes a watcher of its name, again and again.",
    guarantees: ["STO-7", "TOK-3"],
    requires: ["watch", "exclusive"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const next = yield* other.watch(name)
      const replace = replacing(one)
      for (let round = 0; round < 3; round += 1) yield* mustWake(fixture, next, replace, "replaces")
    }
  },
  "release-wakes": {
    behaviour: "The release of a lease wakes a watcher of its name.",
    guarantees: ["TOK-3"],
    requires: ["watch", "acquireLease"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const next = yield* other.watch(name)
      const release = Effect.flatMap(mustAcquire(one, name, "owner"), (lease) =>
        Effect.andThen(fixture.pass(settling), lease.release)
      )
      yield* mustWake(fixture, next, release, "releases")
    }
  },
  "change-before-wait": {
    behaviour: "A save between watch and the first wait wakes that wait.",
    guarantees: ["TOK-3"],
    requires: ["watch"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const save = saving(one)
      for (let count = 0; count < changes; count += 1) {
        const next = yield* other.watch(name)
        yield* save
        const waiting = yield* Effect.forkScoped(next)
        for (let part = 0; part < 50 && waiting.pollUnsafe() === undefined; part += 1) yield* fixture.pass(settling)
        if (waiting.pollUnsafe() !== undefined) return
      }
      return yield* violated(`${changes} saves between a watch and its first wait did not wake the watcher`)
    }
  },
  "all-watchers-wake": {
    behaviour: "One save wakes all watchers, in every instance.",
    guarantees: ["TOK-3"],
    requires: ["watch"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const watchers = yield* Effect.forEach([one, other, other, one], (storage) => storage.watch(name))
      const all = Effect.asVoid(Effect.all(watchers, { concurrency: "unbounded" }))
      yield* mustWake(fixture, all, saving(one), "saves")
    }
  },
  "watch-is-quiet": {
    behaviour: "While nothing changes, a watcher is hardly ever woken, also after an earlier change.",
    guarantees: ["TOK-3"],
    requires: ["watch"],
    *check(fixture) {
      const [storage] = yield* fixture.pair
      const save = saving(storage)
      yield* save
      const next = yield* storage.watch(name)
      yield* mustStayQuiet(fixture, next, "before any change")
      yield* mustWake(fixture, next, save, "saves")
      // One change may be reported in several parts.
      yield* fixture.pass(10 * settling)
      yield* mustStayQuiet(fixture, next, "after a change")
    }
  },
  "idle-watcher-does-not-block": {
    behaviour: "A watcher that never waits blocks neither saves nor other watchers.",
    guarantees: ["TOK-3"],
    requires: ["watch"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      yield* Effect.asVoid(one.watch(name))
      yield* Effect.asVoid(other.watch(name))
      const save = saving(one)
      for (let count = 0; count < 100; count += 1) yield* passing(fixture, save)
      yield* mustWake(fixture, yield* other.watch(name), save, "saves")
    }
  },
  "watch-ends-with-scope": {
    behaviour: "Closing the scope of a watch ends its waits, and other watchers and saves go on.",
    guarantees: ["RUN-2"],
    requires: ["watch"],
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const lasting = yield* other.watch(name)
      const scope = yield* Scope.make()
      const waiting = yield* Effect.forkScoped(yield* Scope.provide(other.watch(name), scope))
      yield* fixture.pass(settling)
      yield* passing(fixture, Scope.close(scope, Exit.void))
      yield* passing(fixture, Fiber.await(waiting))
      yield* mustWake(fixture, lasting, saving(one), "saves after another watch had ended")
    }
  }
}
