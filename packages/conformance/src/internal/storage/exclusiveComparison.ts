import * as Effect from "effect/Effect"
import { type Checks, ensure, violated } from "../checks.ts"
import { mustAcquire, name } from "./assertions.ts"
import { from, shown, mustReplace, mustRefuse, expectVersion, versions } from "./exclusiveAssertions.ts"
import type { StorageFixture } from "./fixture.ts"

const requires = ["exclusive"]

/** How replacing a record that must not be lost compares: versions, repeats and fences. */
export const exclusiveComparison: Checks<StorageFixture> = {
  "replace-expects-none": {
    behaviour: "A replace that expects no record is refused if there is one, and leaves it unchanged.",
    guarantees: ["STO-7"],
    requires,
    *check({ pair }) {
      const [one, other] = yield* pair
      yield* mustReplace(one, from(undefined, "1"))
      for (const storage of [one, other]) yield* mustRefuse(storage, from(undefined, "2"), "although there is one")
      yield* expectVersion(other, "1")
    }
  },
  "replace-expects-version": {
    behaviour: "A replace that expects another version than the record's is refused, also if there is no record.",
    guarantees: ["STO-7"],
    requires,
    *check({ pair }) {
      const storages = yield* pair
      const [one, other] = storages
      for (const expected of ["1", "undefined", "none", "0", "-"]) {
        yield* mustRefuse(one, from(expected, "2"), "although there is no record")
      }
      yield* expectVersion(other, undefined)
      yield* mustReplace(one, from(undefined, "10"))
      yield* mustReplace(other, from("10", "11"))
      for (const storage of storages) {
        for (const stale of ["10", "1", "110", "11-", "undefined", "none"]) {
          yield* mustRefuse(storage, from(stale, "12"), "although it expects another version")
        }
      }
      yield* expectVersion(one, "11")
      yield* mustReplace(one, from("11", "12"))
      yield* expectVersion(other, "12")
    }
  },
  "one-replace-wins": {
    behaviour: "Of concurrent replaces of one version from any instance, exactly one is accepted, and is stored.",
    guarantees: ["STO-7", "TOK-3"],
    requires,
    *check({ pair }) {
      const storages = yield* pair
      let before: string | undefined
      for (let round = 0; round < 15; round += 1) {
        const candidates = versions(8, 1 + round * 8)
        const changes = candidates.map((version, index) =>
          (storages[index % 2] ?? storages[0]).exclusive.replace(name, from(before, version))
        )
        const replaced = yield* Effect.all(changes, { concurrency: "unbounded" })
        const [winner, ...others] = candidates.filter((_, index) => replaced[index])
        yield* ensure(others.length === 0, `${1 + others.length} of 8 replaces of ${shown(before)} were accepted`)
        if (winner === undefined) return yield* violated(`none of 8 replaces of ${shown(before)} was accepted`)
        for (const storage of storages) yield* expectVersion(storage, winner)
        before = winner
      }
    }
  },
  "replace-is-repeatable": {
    behaviour: "A repeated replace returns true while its record is there, also if both run at once.",
    guarantees: ["STO-7"],
    requires,
    *check({ pair }) {
      const storages = yield* pair
      let before: string | undefined
      for (const version of versions(10)) {
        const change = from(before, version)
        const both = storages.map((storage) => mustReplace(storage, change))
        yield* Effect.all(both, { concurrency: "unbounded" })
        for (const storage of storages) yield* mustReplace(storage, change)
        yield* expectVersion(storages[1], version)
        before = version
      }
    }
  },
  "late-repeat-is-refused": {
    behaviour: "A repeated replace is refused once a newer version was stored, and leaves that version in place.",
    guarantees: ["STO-7"],
    requires,
    *check({ pair }) {
      const storages = yield* pair
      const [one, other] = storages
      yield* mustReplace(one, from(undefined, "1"))
      yield* mustReplace(one, from("1", "2"))
      yield* mustReplace(other, from("2", "3"))
      for (const storage of storages) {
        yield* mustRefuse(storage, from(undefined, "1"), "although a newer version was stored")
        yield* mustRefuse(storage, from("1", "2"), "although a newer version was stored")
      }
      yield* expectVersion(one, "3")
    }
  },
  "replace-compares-fences": {
    behaviour: "A replace with a fence is refused once a lease with a higher fence was granted; others are not.",
    guarantees: ["STO-7", "TOK-3"],
    requires: [...requires, "acquireLease"],
    *check({ pair }) {
      const storages = yield* pair
      const [one, other] = storages
      yield* mustReplace(one, from(undefined, "1", 1))
      const earlier = yield* mustAcquire(one, name, "first")
      yield* mustReplace(one, from("1", "2", earlier.fence))
      yield* earlier.release
      const later = yield* mustAcquire(other, name, "second")
      for (const storage of storages) yield* mustRefuse(storage, from("2", "3", earlier.fence), "with an earlier fence")
      yield* mustReplace(one, from("2", "3"))
      yield* mustReplace(other, from("3", "4", later.fence))
      yield* later.release
      for (const storage of storages) yield* mustRefuse(storage, from("4", "5", earlier.fence), "with an earlier fence")
      yield* mustReplace(one, from("4", "5", later.fence))
      yield* expectVersion(other, "5")
    }
  },
  "late-owner-cannot-create": {
    behaviour: "Once a newer lease was granted, a replace with an earlier fence is refused even if there is no record.",
    guarantees: ["STO-7", "TOK-3"],
    requires: [...requires, "acquireLease"],
    *check({ pair }) {
      const [one, other] = yield* pair
      const earlier = yield* mustAcquire(one, name, "first")
      yield* earlier.release
      yield* mustAcquire(other, name, "second")
      yield* mustRefuse(one, from(undefined, "1", earlier.fence), "with an earlier fence")
      yield* expectVersion(other, undefined)
    }
  },
  "repeat-needs-no-fence": {
    behaviour: "A repeated replace returns true while its record is there, even if its fence is not the last one.",
    guarantees: ["STO-7"],
    requires: [...requires, "acquireLease"],
    *check({ pair }) {
      const storages = yield* pair
      const earlier = yield* mustAcquire(storages[0], name, "first")
      const change = from(undefined, "1", earlier.fence)
      yield* mustReplace(storages[0], change)
      yield* earlier.release
      yield* mustAcquire(storages[1], name, "second")
      for (const storage of storages) yield* mustReplace(storage, change)
      yield* expectVersion(storages[1], "1")
    }
  }
}
