import { storageLaws } from "@tokenkeep/conformance"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { describe, expect, it } from "vitest"
import { sharedMap } from "./support/SharedMap.ts"
import { slowStorage } from "./support/SlowStorage.ts"
import { subjectOf } from "./support/subjects.ts"

describe("STO-1: the laws of storages", () => {
  it("have names of their own, in kebab-case", () => {
    const ids = storageLaws.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([])
  })

  it.each(storageLaws)("$id is one sentence, and serves a promise", ({ guarantees, statement }) => {
    expect(statement).toMatch(/^[A-Z][^.]*\.$/)
    expect(guarantees).not.toEqual([])
  })
})

// An adapter that is right breaks none of them, however slow it is.
testLaws(subjectOf("a storage at its best", sharedMap))
testLaws(subjectOf("a storage at its best, in real time", sharedMap, { clock: "live" }))
testLaws(subjectOf("a storage at its slowest", slowStorage, { clock: "live" }))
