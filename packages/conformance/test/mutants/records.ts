import type { StoredText } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { isLate, type Place, put, type Service, sharedMap, step, wake } from "../support/SharedMap.ts"
import type { Mutant } from "./Mutant.ts"

/** Changes each text on its way in. */
const changing = (change: (text: string) => string) => (place: Place) => ({
  ...sharedMap(place),
  save: (name: string, { fence, text }: StoredText) =>
    step(place, "save", () => put(place, name, { fence, text: change(text) }))
})

/** Changes each name, in all operations. */
const renaming =
  (rename: (name: string) => string) =>
  (place: Place): Service => {
    const { capabilities, exclusive, load, remove, save, watch } = sharedMap(place)
    return {
      capabilities,
      load: (name) => load(rename(name)),
      save: (name, stored) => save(rename(name), stored),
      remove: (name) => remove(rename(name)),
      exclusive: (name, request) => exclusive!(rename(name), request),
      watch: (name) => watch!(rename(name))
    }
  }

/** Saves if `may`, whatever the fences say. */
const savingIf = (may: (place: Place, name: string, fence: number) => boolean) => (place: Place) => ({
  ...sharedMap(place),
  save: (name: string, stored: StoredText) =>
    step(place, "save", () => {
      if (!may(place, name, stored.fence)) return false
      place.records.set(name, stored)
      wake(place, name)
      return true
    })
})

export const records: ReadonlyArray<Mutant> = [
  {
    mistake: "takes every save, whatever its fence",
    open: savingIf(() => true),
    caughtBy: ["lower-fence-is-refused", "late-owner-overwrites-nothing"]
  },
  {
    mistake: "refuses a save with the fence of the record",
    open: savingIf((place, name, fence) => !isLate(place, name, fence) && place.records.get(name)?.fence !== fence),
    caughtBy: ["equal-fence-saves", "owner-saves"]
  },
  {
    mistake: "compares with the record, and not with the leases",
    open: savingIf(({ records: kept }, name, fence) => fence >= (kept.get(name)?.fence ?? 0)),
    caughtBy: ["lost-lease-saves-nothing"]
  },
  {
    mistake: "compares with the leases, and not with the record",
    open: savingIf(({ leases }, name, fence) => fence >= (leases.get(name)?.fence ?? 0)),
    caughtBy: ["lower-fence-is-refused"]
  },
  {
    mistake: "never overwrites",
    open: savingIf(({ records: kept }, name) => !kept.has(name)),
    caughtBy: ["higher-fence-saves"]
  },
  {
    mistake: "counts fences across names",
    open: savingIf(
      ({ records: kept }, _, fence) => fence >= Math.max(0, ...[...kept.values()].map((each) => each.fence))
    ),
    caughtBy: ["names-do-not-touch"]
  },
  {
    mistake: "keeps fences in 32 bits of precision",
    open: (place) => ({
      ...sharedMap(place),
      save: (name, { fence, text }) => step(place, "save", () => put(place, name, { text, fence: Math.fround(fence) }))
    }),
    caughtBy: ["large-fences", "fences-stay-exact"]
  },
  {
    mistake: "answers with an empty text where there is nothing",
    open: (place) => ({
      ...sharedMap(place),
      load: (name) => step(place, "load", () => place.records.get(name) ?? { text: "", fence: 0 })
    }),
    caughtBy: ["absent-is-undefined", "remove-forgets"]
  },
  { mistake: "truncates texts", open: changing((text) => text.slice(0, 4_096)), caughtBy: ["text-comes-back"] },
  { mistake: "trims texts", open: changing((text) => text.trim()), caughtBy: ["text-comes-back"] },
  { mistake: "ends texts at NUL", open: changing((text) => text.split("\0")[0]!), caughtBy: ["text-comes-back"] },
  { mistake: "normalizes texts", open: changing((text) => text.normalize("NFC")), caughtBy: ["text-comes-back"] },
  {
    mistake: "writes over the old text without cutting its rest off",
    open: (place) => ({
      ...sharedMap(place),
      save: (name, { fence, text }) =>
        step(place, "save", () => {
          const rest = place.records.get(name)?.text.slice(text.length) ?? ""
          return put(place, name, { fence, text: text + rest })
        })
    }),
    caughtBy: ["higher-fence-saves", "text-comes-back"]
  },
  {
    mistake: "folds the case of names",
    open: renaming((name) => name.toLowerCase()),
    caughtBy: ["names-are-kept-apart"]
  },
  { mistake: "cuts names off", open: renaming((name) => name.slice(0, 64)), caughtBy: ["names-are-kept-apart"] },
  {
    mistake: "replaces what is odd in names",
    open: renaming((name) => name.replaceAll(/[^\w-]/gu, "_")),
    caughtBy: ["names-are-kept-apart"]
  },
  { mistake: "normalizes names", open: renaming((name) => name.normalize("NFC")), caughtBy: ["names-are-kept-apart"] },
  { mistake: "keeps all under one name", open: renaming(() => "one"), caughtBy: ["names-do-not-touch"] },
  {
    mistake: "does not remove",
    open: (place) => ({ ...sharedMap(place), remove: () => Effect.void }),
    caughtBy: ["remove-forgets", "remove-of-nothing"]
  },
  {
    mistake: "fails to remove what is not there",
    open: (place) => ({
      ...sharedMap(place),
      remove: (name) => {
        const missing = step({ ...place, broken: true }, "remove", () => undefined)
        return Effect.suspend(() => (place.records.delete(name) ? Effect.void : missing))
      }
    }),
    caughtBy: ["remove-of-nothing"]
  },
  {
    mistake: "answers from what it loaded once",
    open: (place) => {
      const seen = new Map<string, StoredText | undefined>()
      return {
        ...sharedMap(place),
        load: (name) =>
          step(place, "load", () => {
            if (!seen.has(name)) seen.set(name, place.records.get(name))
            return seen.get(name)
          })
      }
    },
    caughtBy: ["saves-are-shared"]
  },
  {
    mistake: "clears the place when it is closed",
    open: (place) =>
      Effect.acquireRelease(
        Effect.sync(() => sharedMap(place)),
        () => Effect.sync(() => place.records.clear())
      ),
    caughtBy: ["outlives-closing"]
  },
  {
    mistake: "looks at the fence, and writes a moment later",
    open: (place) => ({
      ...sharedMap(place),
      save: Effect.fnUntraced(function* (name, stored) {
        if (isLate(place, name, stored.fence)) return false
        yield* Effect.yieldNow
        place.records.set(name, stored)
        wake(place, name)
        return true
      })
    }),
    caughtBy: ["highest-fence-stays"]
  },
  {
    mistake: "writes in place, half by half",
    open: (place) => ({
      ...sharedMap(place),
      save: Effect.fnUntraced(function* (name, { fence, text }) {
        if (!put(place, name, { fence, text: text.slice(0, text.length / 2) })) return false
        yield* Effect.yieldNow
        return put(place, name, { fence, text })
      })
    }),
    caughtBy: ["nothing-torn", "interrupted-save-is-whole"]
  },
  {
    mistake: "removes the old text before it writes the new one",
    open: (place) => ({
      ...sharedMap(place),
      save: Effect.fnUntraced(function* (name, stored) {
        if (isLate(place, name, stored.fence)) return false
        place.records.delete(name)
        yield* Effect.yieldNow
        return put(place, name, stored)
      })
    }),
    caughtBy: ["nothing-torn", "interrupted-save-is-whole"]
  },
  {
    mistake: "keeps its lock when a save is interrupted",
    open: (place) => {
      let locked = false
      return {
        ...sharedMap(place),
        save: Effect.fnUntraced(function* (name, stored) {
          while (locked) yield* Effect.yieldNow
          locked = true
          yield* Effect.yieldNow
          locked = false
          return put(place, name, stored)
        })
      }
    },
    caughtBy: ["interrupted-save-is-whole"]
  }
]
