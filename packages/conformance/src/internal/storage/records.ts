import * as Effect from "effect/Effect"
import { type Checks, ensure, ensureEqual, violated } from "../checks.ts"
import { expectText, mustReject, mustSave, name } from "./assertions.ts"
import type { StorageFixture } from "./fixture.ts"

/** Strings of every kind: an adapter that trims, decodes or truncates changes one of them. */
export const texts: Readonly<Record<string, string>> = {
  "an empty string": "",
  "a line": "opaque",
  JSON: `{"token":"5f\\u00e9","fence":7}`,
  "a string with white space around it": " \t\r\n text \r\n",
  "a string with control characters": "a\0b\u0001\u001b[0m\u007f",
  "a string in many scripts": "ключ 鍵 مفتاح 🗝️ \u00e9 e\u0301 \u2028\uFEFF",
  "a string of 64 KiB": "0123456789abcdef".repeat(4_096),
  "a string of 64 KiB in characters of four bytes": "🗝".repeat(16_384)
}

const digest = "0123456789abcdef".repeat(4)

/** Names that a careless adapter takes for each other. */
export const names: ReadonlyArray<string> = [
  [`tokenkeep-1-${digest}`, `tokenkeep-1-${digest}-`, `tokenkeep-2-${digest}`],
  [`tokenkeep-1-${digest}-0000000000000001`, `tokenkeep-1-${digest}-0000000000000002`],
  [`${"n".repeat(199)}a`, `${"n".repeat(199)}b`, "n".repeat(199)],
  ["a", "A", "ä", "Ä", "ａ", "\u00e9", "e\u0301", "a ", " a", "a.", ".a", "a/b", "a\\b", "a_b", "a-b", "a:b", "a b"],
  ["a%2Fb", "a\nb", "a\0b", "a*", "a?", "{a}", "[a]", "a.json", "a.tmp", "a.lock", "a:lock", "~", ".", "..", "../a"],
  ["/a", "con", "nul", "__proto__", "constructor", "鍵", "🗝"]
].flat()

export const records: Checks<StorageFixture> = {
  "load-missing": {
    behaviour: "load returns undefined for a name that has no record.",
    guarantees: ["STO-1"],
    *check({ open }) {
      const found = yield* (yield* open).load(name)
      yield* ensure(found === undefined, `an empty location returned ${JSON.stringify(found)}`)
    }
  },
  "save-then-load": {
    behaviour: "load returns the string and the fence that were saved, for any well-formed string up to 64 KiB.",
    guarantees: ["STO-1"],
    *check({ pair }) {
      const [writer, reader] = yield* pair
      for (const [index, [what, text]] of Object.entries(texts).entries()) {
        yield* mustSave(writer, name, text, index + 1)
        const found = yield* reader.load(name)
        yield* ensure(found?.text === text, `${what} was not loaded as it was saved`)
        yield* ensureEqual(`the fence of ${what}`, found?.fence, index + 1)
      }
    }
  },
  "names-are-distinct": {
    behaviour: "Names of up to 200 characters differ if any character differs, even in case only.",
    guarantees: ["STO-1", "KEY-4"],
    *check({ open }) {
      const storage = yield* open
      for (const [index, each] of names.entries()) {
        const before = yield* storage.load(each)
        yield* ensure(before === undefined, `${JSON.stringify(each)} returns the record of another name`)
        yield* mustSave(storage, each, `text of ${index}`, index + 1)
      }
      for (const [index, each] of names.entries()) yield* expectText(storage, each, `text of ${index}`)
    }
  },
  "names-are-independent": {
    behaviour: "save and remove change nothing under other names, fences included.",
    guarantees: ["STO-1", "KEY-4"],
    *check({ open }) {
      const storage = yield* open
      const other = `${name}-0000000000000001`
      yield* mustSave(storage, name, "one", 100)
      yield* mustSave(storage, other, "other", 1)
      yield* mustSave(storage, other, "other again", 2)
      yield* expectText(storage, name, "one")
      yield* storage.remove(name)
      yield* expectText(storage, other, "other again")
    }
  },
  "save-with-higher-fence": {
    behaviour: "save with a higher fence than the record's replaces the record by a longer or shorter one.",
    guarantees: ["STO-1"],
    *check({ pair }) {
      const [one, other] = yield* pair
      for (const [index, text] of ["first", "the second, which is longer", "3"].entries()) {
        yield* mustSave(index % 2 === 0 ? one : other, name, text, index * 10 + 1)
        yield* expectText(one, name, text)
      }
    }
  },
  "save-with-equal-fence": {
    behaviour: "save with the record's own fence replaces the record, so that one writer can save twice.",
    guarantees: ["STO-1"],
    *check({ open }) {
      const storage = yield* open
      yield* mustSave(storage, name, "once", 5)
      yield* mustSave(storage, name, "twice", 5)
      yield* expectText(storage, name, "twice")
    }
  },
  "save-with-lower-fence": {
    behaviour: "save with a lower fence than the record's returns false and leaves the record unchanged.",
    guarantees: ["STO-1", "TOK-3"],
    *check({ pair }) {
      const [one, other] = yield* pair
      yield* mustSave(one, name, "newer", 10)
      for (const storage of [one, other]) {
        for (const fence of [9, 2, 1]) yield* mustReject(storage, name, "older", fence)
      }
      const found = yield* one.load(name)
      yield* ensure(found?.text === "newer" && found.fence === 10, "a rejected save changed the record")
    }
  },
  "large-fences": {
    behaviour: "Fences are exact up to the largest safe integer.",
    guarantees: ["STO-1"],
    *check({ open }) {
      const storage = yield* open
      const largest = Number.MAX_SAFE_INTEGER - 1
      for (const [index, fence] of [2 ** 31, 2 ** 32 + 1, 1_800_000_000_001, largest - 1, largest].entries()) {
        yield* mustSave(storage, name, `text ${index}`, fence)
        yield* ensureEqual("the fence", (yield* storage.load(name))?.fence, fence)
        yield* mustReject(storage, name, "older", fence - 1)
      }
    }
  },
  "remove-deletes": {
    behaviour: "remove deletes the record for all instances, and a higher fence can be saved after it.",
    guarantees: ["STO-1"],
    *check({ pair }) {
      const [one, other] = yield* pair
      yield* mustSave(one, name, "text", 1)
      yield* other.remove(name)
      for (const storage of [one, other]) yield* expectText(storage, name, undefined)
      yield* mustSave(one, name, "again", 2)
      yield* expectText(other, name, "again")
    }
  },
  "remove-missing": {
    behaviour: "remove succeeds if there is no record, any number of times.",
    guarantees: ["STO-1"],
    *check({ open }) {
      const storage = yield* open
      yield* storage.remove(name)
      yield* mustSave(storage, name, "text", 1)
      yield* Effect.all(
        [1, 2, 3].map(() => storage.remove(name)),
        { concurrency: "unbounded" }
      )
      yield* expectText(storage, name, undefined)
    }
  },
  "saves-are-shared": {
    behaviour: "A record that one instance saved is loaded by every other instance at once.",
    guarantees: ["STO-1", "TOK-3"],
    requires: ["shared"],
    *check({ open, pair }) {
      const [one, other] = yield* pair
      for (let fence = 1; fence <= 20; fence += 2) {
        yield* mustSave(one, name, `${fence}`, fence)
        yield* expectText(other, name, `${fence}`)
        yield* mustSave(other, name, `${fence + 1}`, fence + 1)
        yield* expectText(one, name, `${fence + 1}`)
      }
      yield* expectText(yield* open, name, "20")
    }
  },
  "saves-are-durable": {
    behaviour: "A record and its fence are still there after the storage was closed and opened again.",
    guarantees: ["STO-1"],
    requires: ["durable"],
    *check({ open }) {
      yield* Effect.scoped(Effect.flatMap(open, (storage) => mustSave(storage, name, "kept", 10)))
      const storage = yield* open
      const found = yield* storage.load(name)
      if (found === undefined) return yield* violated("the record was gone after the storage was opened again")
      yield* ensure(found.text === "kept" && found.fence === 10, `the record became ${JSON.stringify(found)}`)
      yield* mustReject(storage, name, "older", 9)
    }
  }
}
