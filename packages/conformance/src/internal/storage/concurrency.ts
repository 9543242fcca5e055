import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { type Checks, ensure, violated } from "../checks.ts"
import { interruptAt, interruptionPoints, mustSave, name, passing, usualDuration } from "./assertions.ts"
import type { OpenStorage, StorageFixture } from "./fixture.ts"

/** A string that repeats its fence, with a length that differs from fence to fence. */
const textOf = (fence: number): string => `${fence};`.repeat(1 + ((fence * 997) % 4_000))

/** 1 to `count`, in an order that rises and falls. */
const shuffled = (count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => ((index * 7) % count) + 1)

/** The fence of the record, which must be whole. */
const loadWhole = Effect.fnUntraced(function* (storage: OpenStorage) {
  const found = yield* storage.load(name)
  if (found === undefined) return undefined
  yield* ensure(found.text === textOf(found.fence), `a torn record was loaded with fence ${found.fence}`)
  return found.fence
})

export const concurrency: Checks<StorageFixture> = {
  "highest-fence-wins": {
    behaviour: "Of concurrent saves from any instance, the one with the highest fence is stored.",
    guarantees: ["STO-1", "TOK-3"],
    *check({ pair }) {
      const storages = yield* pair
      for (let round = 0; round < 10; round += 1) {
        const fences = shuffled(12).map((each) => each + round * 12)
        const saves = fences.map((fence, index) =>
          (storages[index % 2] ?? storages[0]).save(name, { text: textOf(fence), fence })
        )
        const saved = yield* Effect.all(saves, { concurrency: "unbounded" })
        const highest = Math.max(...fences)
        yield* ensure(
          saved[fences.indexOf(highest)] === true,
          `the save with the highest fence, ${highest}, was rejected`
        )
        for (const storage of storages) {
          const fence = yield* loadWhole(storage)
          yield* ensure(fence === highest, `fence ${fence} is stored, although ${highest} was saved`)
        }
      }
    }
  },
  "no-torn-reads": {
    behaviour: "A load during saves returns the old record or the new one, whole, and never undefined.",
    guarantees: ["STO-3"],
    *check({ pair }) {
      const [one, other] = yield* pair
      yield* mustSave(one, name, textOf(1), 1)
      const saves = Effect.forEach(shuffled(30), (each) => one.save(name, { text: textOf(each + 1), fence: each + 1 }))
      const saving = yield* Effect.forkScoped(saves)
      const read = Effect.fnUntraced(function* (storage: OpenStorage) {
        while (saving.pollUnsafe() === undefined) {
          if ((yield* loadWhole(storage)) === undefined) return yield* violated("a record was missing during a save")
          yield* Effect.yieldNow
        }
      })
      yield* Effect.all([read(other), read(one), read(other)], { concurrency: "unbounded" })
      yield* Fiber.join(saving)
    }
  },
  "interrupted-save": {
    behaviour: "An interrupted save ends, leaves the old record or the new one whole, and blocks no later save.",
    guarantees: ["STO-3", "TOK-7"],
    *check(fixture) {
      const storage = yield* fixture.open
      const usual = yield* usualDuration(mustSave(storage, name, textOf(1), 1))
      for (let point = 0; point < interruptionPoints; point += 1) {
        const fence = 2 * point + 2
        yield* interruptAt(fixture, storage.save(name, { text: textOf(fence), fence }), point, usual)
        const found = yield* loadWhole(storage)
        const isKnown = found === fence || found === fence - 1
        yield* ensure(isKnown, `after an interrupted save, the record has fence ${found}, not ${fence - 1} or ${fence}`)
        yield* passing(fixture, mustSave(storage, name, textOf(fence + 1), fence + 1))
      }
    }
  }
}
