import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Law } from "../../Law.ts"
import type { OpenStorage, StorageBench } from "../../StorageBench.ts"
import { broken, ensure, mustGet, mustSave, name, within } from "./expectations.ts"

/** A watcher may miss a change, so it gets more than one. */
const tries = 3

/** Time for a watcher to be where it waits, in milliseconds. */
const settling = 20

/** Waits for a watcher to be woken by one of a few changes. */
const mustWake = Effect.fnUntraced(function* <E, R>(
  bench: StorageBench,
  next: Effect.Effect<void>,
  change: (round: number) => Effect.Effect<void, E, R>,
  what: string
) {
  const waiting = yield* Effect.forkScoped(next)
  for (let round = 0; round < tries; round += 1) {
    yield* bench.pass(settling)
    yield* change(round)
    const woken = yield* Effect.option(within(bench, Fiber.await(waiting), "", 2_000))
    if (woken._tag === "Some") return
  }
  return yield* broken(`a watcher slept through ${tries} ${what}`)
})

/** While nothing changes, a watcher that looks all the time is woken a few times at most. */
const mustRest = Effect.fnUntraced(function* (bench: StorageBench, next: Effect.Effect<void>, when: string) {
  let wakes = 0
  const count = Effect.tap(next, () =>
    Effect.andThen(
      Effect.sync(() => (wakes += 1)),
      Effect.yieldNow
    )
  )
  const counting = yield* Effect.forkScoped(Effect.forever(count))
  for (let slice = 0; slice < 40; slice += 1) yield* bench.pass(10)
  yield* Fiber.interrupt(counting)
  yield* ensure(wakes <= 5, `within 400 ms ${when}, it was woken ${wakes} times`)
})

/** Saves with ever higher fences. */
const saving = (storage: OpenStorage, from = 0) => {
  let fence = from
  return () => Effect.suspend(() => mustSave(storage, name, `text ${fence}`, (fence += 1)))
}

export const watching: ReadonlyArray<Law<StorageBench>> = [
  {
    id: "save-wakes",
    guarantees: ["TOK-3"],
    statement: "Whoever watches a name is woken by a save under it, again and again.",
    needs: ["watch"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      const next = yield* other.watch(name)
      const save = saving(one)
      for (let round = 0; round < 3; round += 1) yield* mustWake(bench, next, save, "saves")
    })
  },
  {
    id: "release-wakes",
    guarantees: ["TOK-3"],
    statement: "Whoever watches a name is woken when its lease is given back.",
    needs: ["watch", "exclusive"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      const next = yield* other.watch(name)
      const release = (round: number) =>
        Effect.flatMap(mustGet(one, name, `owner-${round}`), (lease) =>
          Effect.andThen(bench.pass(settling), lease.release)
        )
      yield* mustWake(bench, next, release, "releases")
    })
  },
  {
    id: "change-before-waiting-counts",
    guarantees: ["TOK-3"],
    statement: "A save that came after the watch began wakes also who starts to wait after it.",
    needs: ["watch"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      const next = yield* other.watch(name)
      const save = saving(one)
      for (let round = 0; round < tries; round += 1) {
        yield* within(bench, save(), "a save was held up by a watcher that does not wait yet")
        const woken = yield* Effect.option(within(bench, next, "", 2_000))
        if (woken._tag === "Some") return
      }
      return yield* broken(`${tries} saves between the start of the watch and the wait were forgotten`)
    })
  },
  {
    id: "all-watchers-wake",
    guarantees: ["TOK-3"],
    statement: "One save wakes all who watch, through the same instance and through others.",
    needs: ["watch"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      const watchers = yield* Effect.forEach([one, other, other, one], (storage) => storage.watch(name))
      const all = Effect.asVoid(Effect.all(watchers, { concurrency: "unbounded" }))
      yield* mustWake(bench, all, saving(one), "saves")
    })
  },
  {
    id: "watch-rests",
    guarantees: ["TOK-3"],
    statement: "While nothing changes, a watcher is hardly ever woken, also when it was woken before.",
    needs: ["watch"],
    check: Effect.fnUntraced(function* (bench) {
      const [storage] = yield* bench.pair
      const save = saving(storage)
      yield* save()
      const next = yield* storage.watch(name)
      yield* mustRest(bench, next, "before any change")
      yield* mustWake(bench, next, save, "saves")
      // One change may be told in several parts.
      yield* bench.pass(10 * settling)
      yield* mustRest(bench, next, "after a change")
    })
  },
  {
    id: "idle-watcher-holds-up-nobody",
    guarantees: ["TOK-3"],
    statement: "A watcher that never waits holds up neither those who save nor those who wait.",
    needs: ["watch"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      yield* Effect.asVoid(one.watch(name))
      yield* Effect.asVoid(other.watch(name))
      const save = saving(one)
      const saves = Effect.forEach(Array.from({ length: 100 }), save)
      yield* within(bench, saves, "100 saves were held up by a watcher that does not wait", 20_000)
      yield* mustWake(bench, yield* other.watch(name), save, "saves")
    })
  },
  {
    id: "watch-ends-with-its-scope",
    guarantees: ["RUN-2"],
    statement: "With its scope a watch ends, soon: who waits is let go, and others go on watching and saving.",
    needs: ["watch"],
    check: Effect.fnUntraced(function* (bench) {
      const [one, other] = yield* bench.pair
      const lasting = yield* other.watch(name)
      const scope = yield* Scope.make()
      const waiting = yield* Effect.forkScoped(yield* Scope.provide(other.watch(name), scope))
      yield* bench.pass(settling)
      yield* within(bench, Scope.close(scope, Exit.void), "the scope of a watch did not close")
      yield* within(bench, Fiber.await(waiting), "who waited was left waiting when the scope had closed")
      yield* mustWake(bench, lasting, saving(one), "saves after another watch had ended")
    })
  }
]
