import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "..")
const id = /\b(?:KEY|TOK|GRANT|POOL|REQ|STO|SEC|OBS|RUN)-\d+\b/g
const page = "docs/guarantees.md"

const read = (file: string) => readFileSync(join(root, file), "utf8")
const found = (patterns: ReadonlyArray<string>) =>
  patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !file.includes("node_modules"))
    .toSorted()
const idsIn = (file: string): ReadonlySet<string> => new Set(read(file).match(id) ?? [])

const documented = [...new Set(read(page).match(/(?<=^- \*\*)[A-Z]+-\d+/gm))]
const tests = found([
  "packages/**/test/**/*.test.ts",
  "apps/*/test/*.test.ts",
  "test/*.test.ts",
  // These run in every runtime.
  "scripts/packed/*.test.ts",
  "scripts/packed/programs/suites/*.js"
])
const sources = found(["packages/**/src/**/*.ts"])

const unknownIn = (files: ReadonlyArray<string>) =>
  files.flatMap((file) =>
    [...idsIn(file)].filter((cited) => !documented.includes(cited)).map((cited) => `${cited} in ${file}`)
  )

const marker = "## Which tests check each guarantee\n"

/** The tests that cite each guarantee, as the page lists them. */
const list = documented
  .map((guarantee) => {
    const links = tests
      .filter((file) => idsIn(file).has(guarantee))
      .map((file) => `[${basename(file).replace(/(?:\.test)?\.[jt]s$/, "")}](../${file})`)
    return `- ${guarantee}: ${links.join(", ")}`
  })
  .join("\n")

describe("docs/guarantees.md", () => {
  it("lists guarantees", () => {
    expect(documented.length).toBeGreaterThan(20)
  })

  it("lists no guarantee without a test", () => {
    const cited = new Set(tests.flatMap((file) => [...idsIn(file)]))
    expect(documented.filter((guarantee) => !cited.has(guarantee))).toEqual([])
  })

  it("lists every guarantee that a test cites", () => {
    expect(unknownIn(tests)).toEqual([])
  })

  it("lists every guarantee that the sources cite", () => {
    expect(unknownIn(sources)).toEqual([])
  })

  // `UPDATE_DOCS=1 npx -y pnpm@12 --filter repository test` writes the list.
  it("lists the tests that check each guarantee", () => {
    const [text = ""] = read(page).split(marker)
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(join(root, page), `${text}${marker}\n${list}\n`)
    const [, listed = ""] = read(page).split(marker)
    expect(listed.replaceAll(/\s+/g, " ").trim()).toBe(list.replaceAll(/\s+/g, " "))
  })
})
