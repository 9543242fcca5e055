import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { fakeServer } from "./support/clients.ts"

const dist = new URL("../dist/", import.meta.url)
const support = new URL("support/", import.meta.url)

/** What a module of the bundle imports as it is loaded, and what only later. */
const importsOf = (file: string) => {
  const text = readFileSync(new URL(file, dist), "utf8")
  const names = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = ""]) => name)
  return { first: names(/(?:from|import)\s*"([^"]+)"/g), later: names(/import\([`"]([^`"]+)[`"]\)/g) }
}

const loadedWith = (file: string): ReadonlyArray<string> => [
  file,
  ...importsOf(file).first.flatMap((name) => (name.startsWith("./") ? loadedWith(name) : [name]))
]

it("nothing but its own files is loaded with it, and none of them is of Node", () => {
  for (const entry of ["./index.js", "./testing.js"]) {
    expect(loadedWith(entry).filter((name) => !name.startsWith("./"))).toEqual([])
  }
  expect(loadedWith("./files.js")).toContain("node:fs/promises")
  expect(loadedWith("./index.js")).not.toContain("./files.js")
})

it("runs where there are no modules of Node, and says there that there are no files", async () => {
  const server = await fakeServer()
  const args = ["--import", join(support.pathname, "withoutBuiltins.mjs"), join(support.pathname, "elsewhere.mjs")]
  const { stdout } = await promisify(execFile)(process.execPath, [...args, dist.href, server.url, server.apiKey])
  expect(JSON.parse(stdout)).toEqual({
    status: 200,
    listed: 1,
    fake: "function",
    code: "CONFIG_INVALID",
    message: "FileStorage cannot be loaded: this runtime has no files. Use Node, Deno or Bun, or MemoryStorage."
  })
})
