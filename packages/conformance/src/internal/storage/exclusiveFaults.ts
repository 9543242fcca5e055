import * as Effect from "effect/Effect"
import { type Checks, ensure } from "../checks.ts"
import { eventually, interruptAt, interruptionPoints, name, passing, usualDuration } from "./assertions.ts"
import { from, shown, mustReplace, replacing, loadWhole, expectVersion, mustFailToLoad } from "./exclusiveAssertions.ts"
import type { OpenStorage, StorageFixture } from "./fixture.ts"

const requires = ["exclusive"]

/** What interruptions and damage leave of records that must not be lost. */
export const exclusiveFaults: Checks<StorageFixture> = {
  "interrupted-replace": {
    behaviour: "An interrupted replace ends, leaves the old record or the new one whole, and blocks no later replace.",
    guarantees: ["STO-7", "STO-3", "TOK-7"],
    requires,
    *check(fixture) {
      const [one, other] = yield* fixture.pair
      const replace = replacing(one)
      const usual = yield* usualDuration(replace)
      let before = yield* replace
      for (let point = 0; point < interruptionPoints; point += 1) {
        const [interrupted, next] = [`${2 * point + 100}`, `${2 * point + 101}`]
        const exit = yield* interruptAt(fixture, one.exclusive.replace(name, from(before, interrupted)), point, usual)
        const found = yield* loadWhole(other)
        const isKnown = found === before || found === interrupted
        yield* ensure(isKnown, `after an interrupted replace of version ${before}, there is ${shown(found)}`)
        // It completed before the interruption.
        const isReplaced = exit._tag === "Success" && exit.value === true
        yield* ensure(!isReplaced || found === interrupted, "a replace that returned true was lost")
        // It may still finish after the load, and then the next one must be refused.
        const replaceNext = Effect.gen(function* () {
          const replaced = yield* other.exclusive.replace(name, from(yield* loadWhole(other), next))
          return replaced ? true : undefined
        })
        yield* passing(fixture, eventually(fixture, replaceNext, 10_000, "an interrupted replace blocks later ones"))
        yield* expectVersion(one, next)
        before = next
      }
    }
  },
  "damaged-exclusive-fails": {
    behaviour: "A damaged exclusive record is a failure that is not retryable, and no replace or remove overwrites it.",
    guarantees: ["STO-7"],
    requires: [...requires, "damage"],
    *check({ damage, open, pair }) {
      const storages = yield* pair
      yield* mustReplace(storages[0], from(undefined, "1"))
      yield* damage
      for (const storage of storages) {
        yield* mustFailToLoad(storage, "at first")
        for (const expected of [undefined, "0"]) {
          const isReplaced = Effect.orElseSucceed(storage.exclusive.replace(name, from(expected, "2")), () => false)
          yield* ensure(!(yield* isReplaced), `a replace that expects ${shown(expected)} overwrote a damaged record`)
        }
        yield* storage.remove(name)
        yield* mustFailToLoad(storage, "after other operations")
      }
      yield* mustFailToLoad(yield* open, "after the storage was opened again")
    }
  },
  "no-exclusive-leftovers": {
    behaviour: "A hundred replaces and interruptions leave no more behind than three.",
    guarantees: ["STO-6", "STO-7"],
    requires: [...requires, "contents"],
    *check(fixture) {
      const storages = yield* fixture.pair
      let version = 0
      const replace = (storage: OpenStorage) =>
        Effect.flatMap(loadWhole(storage), (before) =>
          storage.exclusive.replace(name, from(before, `${(version += 1)}`))
        )
      const usual = yield* usualDuration(replace(storages[0]))
      const use = Effect.fnUntraced(function* (storage: OpenStorage, round: number) {
        yield* replace(storage)
        yield* interruptAt(fixture, replace(storage), round % interruptionPoints, usual)
      })
      for (let round = 0; round < 3; round += 1) yield* use(storages[0], round)
      const before = (yield* fixture.contents).length
      for (let round = 0; round < 100; round += 1) yield* use(storages[round % 2 === 0 ? 0 : 1], round)
      const isAsBefore = Effect.map(fixture.contents, ({ length }) => (length <= before ? true : undefined))
      yield* eventually(fixture, isAsBefore, 10_000, `there were ${before} entries after three rounds, more after 100`)
    }
  }
}
