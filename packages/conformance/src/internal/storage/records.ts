import * as Effect from "effect/Effect"
import type { Law } from "../../Law.ts"
import type { StorageBench } from "../../StorageBench.ts"
import { broken, ensure, expectText, mustRefuse, mustSave, name } from "./expectations.ts"

/** Every text that may be kept: an adapter that trims, decodes or truncates changes one of them. */
const texts: ReadonlyArray<readonly [what: string, text: string]> = [
  ["no text", ""],
  ["a line", "opaque"],
  ["JSON", `{"token":"5f\\u00e9","fence":7}`],
  ["white space around", " \t\r\n text \r\n"],
  ["control characters", "a\0b\u0001\u001b[0m\u007f"],
  ["many scripts", "ключ 鍵 مفتاح 🗝️ \u00e9 e\u0301 \u2028\uFEFF"],
  ["64 KiB", "0123456789abcdef".repeat(4_096)],
  ["64 KiB in characters of four bytes", "🗝".repeat(16_384)]
]

const digest = "0123456789abcdef".repeat(4)

/** Names that a careless adapter takes for each other. */
const names: ReadonlyArray<string> = [
  [`tokenkeep-1-${digest}`, `tokenkeep-1-${digest}-`, `tokenkeep-2-${digest}`],
  [`tokenkeep-1-${digest}-0000000000000001`, `tokenkeep-1-${digest}-0000000000000002`],
  [`${"n".repeat(199)}a`, `${"n".repeat(199)}b`, "n".repeat(199)],
  ["a", "A", "ä", "Ä", "ａ", "\u00e9", "e\u0301", "a ", " a", "a.", ".a", "a/b", "a\\b", "a_b", "a-b", "a:b", "a b"],
  ["a%2Fb", "a\nb", "a\0b", "a*", "a?", "{a}", "[a]", "a.json", "a.tmp", "a.lock", "a:lock", "~", ".", "..", "../a"],
  ["/a", "con", "nul", "__proto__", "constructor", "鍵", "🗝"]
].flat()

export const records: ReadonlyArray<Law<StorageBench>> = [
  {
    id: "absent-is-undefined",
    guarantees: ["STO-1"],
    statement: "A name that nothing was saved under is answered with undefined.",
    needs: [],
    check: Effect.fnUntraced(function* ({ open }) {
      const storage = yield* open
      const found = yield* storage.load(name)
      yield* ensure(found === undefined, `an empty place answered with ${JSON.stringify(found)}`)
    })
  },
  {
    id: "text-comes-back",
    guarantees: ["STO-1"],
    statement: "Any well-formed text up to 64 KiB comes back as it was saved, with its fence.",
    needs: [],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [writer, reader] = yield* pair
      for (const [index, [what, text]] of texts.entries()) {
        yield* mustSave(writer, name, text, index + 1)
        const found = yield* reader.load(name)
        yield* ensure(found?.text === text, `${what} did not come back as saved`)
        yield* ensure(found?.fence === index + 1, `${what} came back with fence ${found?.fence}, not ${index + 1}`)
      }
    })
  },
  {
    id: "names-are-kept-apart",
    guarantees: ["STO-1", "KEY-4"],
    statement: "Names of up to 200 characters are told apart to the last one, by case, and whatever they are made of.",
    needs: [],
    check: Effect.fnUntraced(function* ({ open }) {
      const storage = yield* open
      for (const [index, each] of names.entries()) {
        const before = yield* storage.load(each)
        yield* ensure(before === undefined, `${JSON.stringify(each)} answers with what another name was saved with`)
        yield* mustSave(storage, each, `text of ${index}`, index + 1)
      }
      for (const [index, each] of names.entries()) yield* expectText(storage, each, `text of ${index}`)
    })
  },
  {
    id: "names-do-not-touch",
    guarantees: ["STO-1", "KEY-4"],
    statement: "Saving and removing under one name changes nothing under another, fences included.",
    needs: [],
    check: Effect.fnUntraced(function* ({ open }) {
      const storage = yield* open
      const other = `${name}-0000000000000001`
      yield* mustSave(storage, name, "one", 100)
      yield* mustSave(storage, other, "other", 1)
      yield* mustSave(storage, other, "other again", 2)
      yield* expectText(storage, name, "one")
      yield* storage.remove(name)
      yield* expectText(storage, other, "other again")
    })
  },
  {
    id: "higher-fence-saves",
    guarantees: ["STO-1"],
    statement: "A save with a higher fence than the record's replaces it, whether the text is longer or shorter.",
    needs: [],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      for (const [index, text] of ["first", "the second, which is longer", "3"].entries()) {
        yield* mustSave(index % 2 === 0 ? one : other, name, text, index * 10 + 1)
        yield* expectText(one, name, text)
      }
    })
  },
  {
    id: "equal-fence-saves",
    guarantees: ["STO-1"],
    statement: "A save with the record's own fence replaces it: one writer may save twice.",
    needs: [],
    check: Effect.fnUntraced(function* ({ open }) {
      const storage = yield* open
      yield* mustSave(storage, name, "once", 5)
      yield* mustSave(storage, name, "twice", 5)
      yield* expectText(storage, name, "twice")
    })
  },
  {
    id: "lower-fence-is-refused",
    guarantees: ["STO-1", "TOK-3"],
    statement: "A save with a lower fence than the record's is refused, and leaves the record as it was.",
    needs: [],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      yield* mustSave(one, name, "newer", 10)
      for (const storage of [one, other]) {
        for (const fence of [9, 2, 1]) yield* mustRefuse(storage, name, "older", fence)
      }
      const found = yield* one.load(name)
      yield* ensure(found?.text === "newer" && found.fence === 10, "a refused save changed the record")
    })
  },
  {
    id: "large-fences",
    guarantees: ["STO-1"],
    statement: "Fences are exact up to the largest safe integer: neighbours among large numbers are told apart.",
    needs: [],
    check: Effect.fnUntraced(function* ({ open }) {
      const storage = yield* open
      const largest = Number.MAX_SAFE_INTEGER - 1
      for (const [index, fence] of [2 ** 31, 2 ** 32 + 1, 1_800_000_000_001, largest - 1, largest].entries()) {
        yield* mustSave(storage, name, `text ${index}`, fence)
        const found = yield* storage.load(name)
        yield* ensure(found?.fence === fence, `fence ${fence} came back as ${found?.fence}`)
        yield* mustRefuse(storage, name, "older", fence - 1)
      }
    })
  },
  {
    id: "remove-forgets",
    guarantees: ["STO-1"],
    statement: "What is removed is gone, for everyone, and can be saved again with a higher fence.",
    needs: [],
    check: Effect.fnUntraced(function* ({ pair }) {
      const [one, other] = yield* pair
      yield* mustSave(one, name, "text", 1)
      yield* other.remove(name)
      for (const storage of [one, other]) yield* expectText(storage, name, undefined)
      yield* mustSave(one, name, "again", 2)
      yield* expectText(other, name, "again")
    })
  },
  {
    id: "remove-of-nothing",
    guarantees: ["STO-1"],
    statement: "Removing what is not there succeeds, however often.",
    needs: [],
    check: Effect.fnUntraced(function* ({ open }) {
      const storage = yield* open
      yield* storage.remove(name)
      yield* mustSave(storage, name, "text", 1)
      yield* Effect.all([storage.remove(name), storage.remove(name), storage.remove(name)], {
        concurrency: "unbounded"
      })
      yield* expectText(storage, name, undefined)
    })
  },
  {
    id: "saves-are-shared",
    guarantees: ["STO-1", "TOK-3"],
    statement: "What one instance saved, another that has the place open loads at once.",
    needs: ["shared"],
    check: Effect.fnUntraced(function* ({ open, pair }) {
      const [one, other] = yield* pair
      for (let fence = 1; fence <= 20; fence += 2) {
        yield* mustSave(one, name, `${fence}`, fence)
        yield* expectText(other, name, `${fence}`)
        yield* mustSave(other, name, `${fence + 1}`, fence + 1)
        yield* expectText(one, name, `${fence + 1}`)
      }
      yield* expectText(yield* open, name, "20")
    })
  },
  {
    id: "outlives-closing",
    guarantees: ["STO-1"],
    statement: "What was saved is there, and its fence counts, after the storage was closed and opened again.",
    needs: ["durable"],
    check: Effect.fnUntraced(function* ({ open }) {
      yield* Effect.scoped(Effect.flatMap(open, (storage) => mustSave(storage, name, "kept", 10)))
      const storage = yield* open
      const found = yield* storage.load(name)
      if (found === undefined) return yield* broken("nothing was there after the storage was opened again")
      yield* ensure(found.text === "kept" && found.fence === 10, `the record came back as ${JSON.stringify(found)}`)
      yield* mustRefuse(storage, name, "older", 9)
    })
  }
]
