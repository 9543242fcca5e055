import { assert, describe, it } from "@effect/vitest"
import { type Linked, recentlyUsed } from "../../src/pool/recentlyUsed.ts"

interface Entry extends Linked<Entry> {
  readonly name: number
}

const entryOf = (name: number): Entry => ({ name, older: undefined, newer: undefined })

/** The names from the oldest to the newest. */
const namesOf = ({ oldest }: Pick<ReturnType<typeof recentlyUsed<Entry>>, "oldest">): ReadonlyArray<number> => {
  const names: Array<number> = []
  for (let entry = oldest(); entry !== undefined; entry = entry.newer) names.push(entry.name)
  return names
}

/** Numbers that look random, and are the same for the same seed. */
const numbers = (from: number) => {
  let state = from
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % below
  }
}

describe("POOL-3: the list of unused clients", () => {
  it("has the same order as a list that is searched, whatever is used or removed", () => {
    const random = numbers(7)
    const entries = Array.from({ length: 12 }, (_, name) => entryOf(name))
    const list = recentlyUsed<Entry>()
    let expected: ReadonlyArray<number> = []
    for (let step = 0; step < 5_000; step += 1) {
      const entry = entries[random(entries.length)] as Entry
      const isRemoval = random(3) === 0
      if (isRemoval) list.remove(entry)
      else list.use(entry)
      expected = [...expected.filter((name) => name !== entry.name), ...(isRemoval ? [] : [entry.name])]
      assert.deepStrictEqual(namesOf(list), expected, `step ${step}`)
    }
  })
})
