import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Law } from "../../Law.ts"
import type { OpenStorage, StorageBench } from "../../StorageBench.ts"
import { broken, usualTime, ensure, interruptAt, interruptionPoints, mustSave, name, within } from "./expectations.ts"

/** A text that tells its fence from any part of it, and whose length changes from fence to fence. */
const textOf = (fence: number): string => `${fence};`.repeat(1 + ((fence * 997) % 4_000))

/** 1 to `count` in an order that rises and falls. */
const shuffled = (count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => ((index * 7) % count) + 1)

const checkWhole = Effect.fnUntraced(function* (storage: OpenStorage) {
  const found = yield* storage.load(name)
  if (found === undefined) return undefined
  yield* ensure(found.text === textOf(found.fence), `a torn record was read: the text is not the one of ${found.fence}`)
  return found.fence
})

export const concurrency: ReadonlyArray<Law<StorageBench>> = [
  {
    id: "highest-fence-stays",
    guarantees: ["STO-1", "TOK-3"],
    statement: "Of saves at the same time, the one with the highest fence stays, whichever instance it came from.",
    needs: [],
    check: Effect.fnUntraced(function* ({ pair }) {
      const pairOfStorages = yield* pair
      for (let round = 0; round < 10; round += 1) {
        const fences = shuffled(12).map((each) => each + round * 12)
        const saves = fences.map((fence, index) =>
          Effect.map(
            (pairOfStorages[index % 2] ?? pairOfStorages[0]).save(name, { text: textOf(fence), fence }),
            (saved) => ({ fence, saved })
          )
        )
        const answers = yield* Effect.all(saves, { concurrency: "unbounded" })
        const highest = Math.max(...fences)
        const refused = answers.some(({ fence, saved }) => fence === highest && !saved)
        yield* ensure(!refused, `the save with the highest fence, ${highest}, was refused`)
        for (const storage of pairOfStorages) {
          const fence = yield* checkWhole(storage)
          yield* ensure(fence === highest, `fence ${fence} stayed, although ${highest} was saved`)
        }
      }
    })
  },
  {
    id: "nothing-torn",
    guarantees: ["STO-3"],
    statement: "Whoever reads while others write finds an old text or a new one, whole, and never none.",
    needs: [],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      yield* mustSave(one, name, textOf(1), 1)
      const write = Effect.forEach(shuffled(30), (fence) =>
        one.save(name, { text: textOf(fence + 1), fence: fence + 1 })
      )
      const writing = yield* Effect.forkScoped(write)
      const read = Effect.fnUntraced(function* (storage: OpenStorage) {
        while (writing.pollUnsafe() === undefined) {
          if ((yield* checkWhole(storage)) === undefined) return yield* broken("a record vanished during a save")
          yield* Effect.yieldNow
        }
      })
      yield* Effect.all([read(other), read(one), read(other)], { concurrency: "unbounded" })
      yield* Fiber.join(writing)
    })
  },
  {
    id: "interrupted-save-is-whole",
    guarantees: ["STO-3", "TOK-7"],
    statement:
      "A save that is interrupted ends soon, and leaves the old text or the new one, whole; later ones go through.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const storage = yield* bench.open
      const usual = yield* usualTime(mustSave(storage, name, textOf(1), 1))
      for (let point = 0; point < interruptionPoints; point += 1) {
        const fence = 2 * point + 2
        yield* interruptAt(bench, storage.save(name, { text: textOf(fence), fence }), point, usual)
        const found = yield* checkWhole(storage)
        if (found === undefined) return yield* broken("a record vanished when a save was interrupted")
        yield* ensure(found === fence || found === fence - 1, `after ${fence - 1} and ${fence}, ${found} was found`)
        const next = mustSave(storage, name, textOf(fence + 1), fence + 1)
        yield* within(bench, next, "no save went through after one was interrupted")
      }
    })
  }
]
