import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { type Checks, ensure, violated } from "../checks.ts"
import {
  eventually,
  expectText,
  interruptAt,
  interruptionPoints,
  mustAcquire,
  mustReject,
  mustSave,
  name,
  passing,
  usualDuration
} from "./assertions.ts"
import type { OpenStorage, StorageFixture } from "./fixture.ts"
import { names, texts } from "./records.ts"
import {
  from,
  shown,
  mustReplace,
  mustRefuse,
  replacing,
  loadWhole,
  expectVersion,
  mustFailToLoad,
  versions
} from "./exclusiveAssertions.ts"

const requires = ["exclusive"]

export const exclusive: Checks<StorageFixture> = {
  "exclusive-missing": {
    behaviour: "An exclusive load returns undefined for a name that has no record.",
    guarantees: ["STO-7"],
    requires,
    *check({ open }) {
      yield* expectVersion(yield* open, undefined)
    }
  },
  "replace-then-load": {
    behaviour: "An exclusive load returns what was replaced, for any version and any well-formed text up to 64 KiB.",
    guarantees: ["STO-7"],
    requires,
    *check({ pair }) {
      const [writer, reader] = yield* pair
      const some = ["a", "a-", "ab", "0", "00", "x".repeat(64), `${"x".repeat(63)}y`, crypto.randomUUID()]
      let expected: string | undefined
      for (const [index, [what, text]] of Object.entries(texts).entries()) {
        const version = some[index % some.length] ?? ""
        yield* mustReplace(writer, { expected, record: { version, text } })
        const found = yield* reader.exclusive.load(name)
        yield* ensure(found?.text === text, `${what} was not loaded as it was replaced`)
        yield* ensure(found?.version === version, `version ${version} was loaded as ${found?.version}`)
        expected = version
      }
    }
  },
  "exclusive-names-are-distinct": {
    behaviour: "The names of exclusive records differ if any character differs, even in case only.",
    guarantees: ["STO-7", "KEY-4"],
    requires,
    *check({ open }) {
      const storage = yield* open
      for (const [index, each] of names.entries()) {
        const before = yield* loadWhole(storage, each)
        yield* ensure(before === undefined, `${JSON.stringify(each)} returns the record of another name`)
        yield* mustReplace(storage, from(undefined, `${index}`), each)
      }
      for (const [index, each] of names.entries()) {
        const found = yield* loadWhole(storage, each)
        yield* ensure(found === `${index}`, `${JSON.stringify(each)} does not return its own record`)
      }
    }
  },
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
  },
  "exclusive-is-apart": {
    behaviour: "Exclusive records and the records of load, save and remove do not affect each other, fences included.",
    guarantees: ["STO-7"],
    requires,
    *check({ capabilities, pair }) {
      const [one, other] = yield* pair
      yield* mustSave(one, name, "text", 1_000)
      yield* expectVersion(other, undefined)
      yield* mustReplace(one, from(undefined, "1", 1))
      yield* expectText(other, name, "text")
      yield* mustReject(one, name, "older", 999)
      yield* mustSave(other, name, "newer", 1_001)
      yield* expectVersion(one, "1")
      yield* other.remove(name)
      yield* expectVersion(one, "1")
      yield* mustReplace(other, from("1", "2"))
      yield* expectText(one, name, undefined)
      if (!capabilities.acquireLease) return
      const lease = yield* mustAcquire(one, name, "owner")
      yield* mustReplace(other, from("2", "3"))
      yield* mustSave(one, name, "text", lease.fence)
      yield* lease.release
      yield* expectVersion(other, "3")
    }
  },
  "replaces-are-shared": {
    behaviour: "A record that one instance replaced is loaded and replaced by every other instance at once.",
    guarantees: ["STO-7", "TOK-3"],
    requires: [...requires, "shared"],
    *check({ open, pair }) {
      const [one, other] = yield* pair
      let before: string | undefined
      for (const version of versions(20)) {
        const [writer, reader] = Number(version) % 2 === 0 ? [one, other] : [other, one]
        yield* mustReplace(writer, from(before, version))
        yield* expectVersion(reader, version)
        before = version
      }
      yield* expectVersion(yield* open, before)
    }
  },
  "replaces-are-durable": {
    behaviour: "An exclusive record is still there, and is compared, after the storage was closed and opened again.",
    guarantees: ["STO-7"],
    requires: [...requires, "durable"],
    *check({ open }) {
      const last = from("1", "2")
      const write = Effect.fnUntraced(function* (storage: OpenStorage) {
        yield* mustReplace(storage, from(undefined, "1"))
        yield* mustReplace(storage, last)
      })
      yield* Effect.scoped(Effect.flatMap(open, write))
      const storage = yield* open
      yield* expectVersion(storage, "2")
      yield* mustRefuse(storage, from(undefined, "3"), "after the storage was opened again")
      yield* mustRefuse(storage, from("1", "3"), "after the storage was opened again")
      yield* mustReplace(storage, last)
      yield* mustReplace(storage, from("2", "3"))
    }
  },
  "exclusive-reads-are-whole": {
    behaviour:
      "An exclusive load during replaces returns a whole record, never undefined, and never an older one again.",
    guarantees: ["STO-7", "STO-3"],
    requires,
    *check({ pair }) {
      const [one, other] = yield* pair
      yield* mustReplace(one, from(undefined, "1"))
      const replaces = Effect.forEach(versions(40, 2), (version) =>
        mustReplace(one, from(`${Number(version) - 1}`, version))
      )
      const writing = yield* Effect.forkScoped(replaces)
      const read = Effect.fnUntraced(function* (storage: OpenStorage) {
        let last = 1
        while (writing.pollUnsafe() === undefined) {
          const version = yield* loadWhole(storage)
          if (version === undefined) return yield* violated("a record was missing during a replace")
          yield* ensure(Number(version) >= last, `version ${version} was loaded after version ${last}`)
          last = Number(version)
          yield* Effect.yieldNow
        }
      })
      yield* Effect.all([read(other), read(one), read(other)], { concurrency: "unbounded" })
      yield* Fiber.join(writing)
      for (const storage of [one, other]) yield* expectVersion(storage, "41")
    }
  },
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
