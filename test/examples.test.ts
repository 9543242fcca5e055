import { expect, it } from "vitest"
import { exportsOf } from "./docs/Docstrings.ts"
import { examplesOf, matches } from "./docs/Examples.ts"
import { parsePage } from "./docs/Markdown.ts"

const examplesIn = (markdown: string) =>
  examplesOf(parsePage(markdown).blocks.map((block) => ({ ...block, source: "page.md", document: "page.md" })))

it("an example must print what its comments say, and what a text block right after it shows", () => {
  const page = "```ts\nlog(1) // => 1\nlog(2) // => 2\n```\n\n```text\n1\n2\n```\n"
  expect(examplesIn(page)[0]?.expected).toEqual([
    ["1", "2"],
    ["1", "2"]
  ])
  const separate = "```ts\nlog(1)\n```\n\nProse.\n\n```text\n1\n```\n"
  expect(examplesIn(separate)[0]?.expected).toEqual([])
})

it("an example keeps the line numbers of its page", () => {
  const [example] = examplesIn("# Title\n\n```ts\nfirst\n```\n")
  expect(example?.name).toBe("page.md:3")
  expect(example?.program).toBe("\n\n\nfirst")
})

it("a continued example starts with the one before it", () => {
  const page =
    "```ts\nlog(1) // => 1\n```\n\n```ts continue\nlog(2) // => 2\n```\n\n```ts continue\nlog(3) // => 3\n```\n"
  expect(examplesIn(page)[2]?.program).toBe("\nlog(1) // => 1\n\n\n\nlog(2) // => 2\n\n\n\nlog(3) // => 3")
  expect(examplesIn(page)[2]?.expected).toEqual([["1", "2", "3"]])
})

it("the expected output covers every line, and an ellipsis matches anything", () => {
  expect(matches(["a"], ["a"])).toBe(true)
  expect(matches(["a", "b"], ["a"])).toBe(false)
  expect(matches(["a"], ["a", "b"])).toBe(false)
  expect(matches(["a (1)", "b"], ["a (…)", "…"])).toBe(true)
  expect(matches(["a", "b", "c"], ["…", "c"])).toBe(true)
})

it.each([
  ["a declaration", "/** doc */\nexport const x = 1"],
  ["an export list", "/** doc */\nconst x = 1\nexport { x }"],
  ["an overload", "/** doc */\nexport function x(): void\nexport function x() {}"],
  ["a type and a value of one name", "export interface x {}\n/** doc */\nexport const x = 1"]
])("finds the docstring of %s through a re-export", (_, text) => {
  const files: Record<string, string> = { "src/index.ts": `export { x as y } from "./x.ts"`, "src/x.ts": text }
  expect(exportsOf("src/index.ts", (file) => files[file] ?? "")).toEqual([{ name: "y", docstrings: ["* doc "] }])
})

it("finds names through export-all, namespaces and imports, and names without a docstring", () => {
  const files: Record<string, string> = {
    "src/index.ts": `import { x } from "./x.ts"\nexport { x }\nexport * from "./x.ts"\nexport * as ns from "./x.ts"\nexport { a } from "other"`,
    "src/x.ts": "/** not of x */\n\nimport 'y'\nexport const x = 1"
  }
  expect(exportsOf("src/index.ts", (file) => files[file] ?? "")).toEqual([
    { name: "x", docstrings: [] },
    { name: "x", docstrings: [] },
    { name: "ns.x", docstrings: [] }
  ])
})
