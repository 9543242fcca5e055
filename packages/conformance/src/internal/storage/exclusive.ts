import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { type Checks, ensure, violated } from "../checks.ts"
import { expectText, mustAcquire, mustReject, mustSave, name } from "./assertions.ts"
import { from, mustReplace, mustRefuse, loadWhole, expectVersion, versions } from "./exclusiveAssertions.ts"
import type { OpenStorage, StorageFixture } from "./fixture.ts"
import { names, texts } from "./records.ts"
import { exclusiveComparison } from "./exclusiveComparison.ts"
import { exclusiveFaults } from "./exclusiveFaults.ts"

const requires = ["exclusive"]

/** Records that must not be lost. */
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
  ...exclusiveComparison,
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
  ...exclusiveFaults
}
