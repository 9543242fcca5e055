import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { mutants } from "../scripts/mutants/index.ts"

const root = join(import.meta.dirname, "..")

describe("the mutants", () => {
  it("have names of their own", () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
    expect(mutants.length).toBeGreaterThan(40)
  })

  it.each(mutants.map((mutant) => [mutant.id, mutant] as const))("%s changes one place that is there", (_, mutant) => {
    const source = readFileSync(join(root, mutant.file), "utf8")
    expect(source.split(mutant.find).length - 1).toBe(1)
    expect(mutant.replace).not.toBe(mutant.find)
  })
})
