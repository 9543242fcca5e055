import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "..")
const id = /\b(?:KEY|TOK|REQ|STO|SEC|OBS|RUN)-\d+\b/g

const idsIn = (texts: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set(texts.flatMap((text) => text.match(id) ?? []))

const read = (file: string) => readFileSync(join(root, file), "utf8")

const documented = new Set(read("docs/guarantees.md").match(/(?<=^- \*\*)[A-Z]+-\d+/gm))

const testFiles = ["packages/*/test/**", "packages/*/*/test/**", "apps/*/test/**", "test"]
  .flatMap((folder) => globSync(`${folder}/*.test.ts`, { cwd: root }))
  .filter((file) => !file.includes("node_modules"))

describe("docs/guarantees.md", () => {
  it("names promises", () => {
    expect(documented.size).toBeGreaterThan(20)
  })

  it("promises nothing that no test cites", () => {
    const cited = idsIn(testFiles.map(read))
    expect([...documented].filter((promise) => !cited.has(promise))).toEqual([])
  })

  it("knows every promise that a test cites", () => {
    const unknown = testFiles.flatMap((file) =>
      [...idsIn([read(file)])].filter((promise) => !documented.has(promise)).map((promise) => `${promise} in ${file}`)
    )
    expect(unknown).toEqual([])
  })

  it("knows every promise that the sources cite", () => {
    const sources = globSync("packages/**/src/**/*.ts", { cwd: root }).filter((file) => !file.includes("node_modules"))
    const unknown = sources.flatMap((file) =>
      [...idsIn([read(file)])].filter((promise) => !documented.has(promise)).map((promise) => `${promise} in ${file}`)
    )
    expect(unknown).toEqual([])
  })
})
