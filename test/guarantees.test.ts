import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "..")
const id = /\b(?:KEY|TOK|REQ|STO|SEC|OBS|RUN)-\d+\b/g
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
  // What is run in every runtime.
  "scripts/runtimes.ts",
  "scripts/runtimes/cases/*.js"
])
const sources = found(["packages/**/src/**/*.ts"])

const unknownIn = (files: ReadonlyArray<string>) =>
  files.flatMap((file) =>
    [...idsIn(file)].filter((promise) => !documented.includes(promise)).map((promise) => `${promise} in ${file}`)
  )

const marker = "## Where each is shown\n"

/** Which tests cite each promise, as the page lists them. */
const list = documented
  .map((promise) => {
    const links = tests
      .filter((file) => idsIn(file).has(promise))
      .map((file) => `[${basename(file).replace(/(?:\.test)?\.[jt]s$/, "")}](../${file})`)
    return `- ${promise}: ${links.join(", ")}`
  })
  .join("\n")

describe("docs/guarantees.md", () => {
  it("names promises", () => {
    expect(documented.length).toBeGreaterThan(20)
  })

  it("promises nothing that no test cites", () => {
    const cited = new Set(tests.flatMap((file) => [...idsIn(file)]))
    expect(documented.filter((promise) => !cited.has(promise))).toEqual([])
  })

  it("knows every promise that a test cites", () => {
    expect(unknownIn(tests)).toEqual([])
  })

  it("knows every promise that the sources cite", () => {
    expect(unknownIn(sources)).toEqual([])
  })

  // `UPDATE_DOCS=1 npx -y pnpm@12 --filter repository test` writes the list.
  it("lists the tests that show each promise", () => {
    const [text = ""] = read(page).split(marker)
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(join(root, page), `${text}${marker}\n${list}\n`)
    const [, shown = ""] = read(page).split(marker)
    expect(shown.replaceAll(/\s+/g, " ").trim()).toBe(list.replaceAll(/\s+/g, " "))
  })
})
