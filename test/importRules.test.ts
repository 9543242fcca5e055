import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { afterAll, expect, it } from "vitest"
import { root } from "./repositoryFiles.ts"

// The linter checks the import rules. These tests run it, with the configuration of the repository, on modules in the
// folders of a workspace that contains nothing else.

const imports = "eslint(no-restricted-imports)"
const types = "typescript(consistent-type-imports)"
const topLevelAwait = "node(no-top-level-await)"
const globals = "eslint(no-restricted-globals)"
const properties = "eslint(no-restricted-properties)"

/** A module of a folder, or a file, and the rule that it breaks. */
type Case = readonly [place: string, text: string, rule: string]

const wrong: ReadonlyArray<Case> = [
  ["packages/core/src", `import { x } from "ky"`, imports],
  ["packages/core/src", `import "ky"`, imports],
  ["packages/core/src", `import type { KyInstance } from "ky"`, imports],
  ["packages/core/src", `export { x } from "ky"`, imports],
  ["packages/core/src", `export * as ky from "ky"`, imports],
  ["packages/core/src", `export const load = () => import("ky")`, imports],
  ["packages/core/src", `export type Ky = import("ky").KyInstance`, types],
  ["packages/core/src", `import "@tokenkeep/deeply"`, imports],
  ["packages/core/src", `import "demo"`, imports],
  ["packages/core/src", `import "node:fs"`, imports],
  ["packages/core/src", `import "fs"`, imports],
  ["packages/core/src", `import "node:fs/promises"`, imports],
  ["packages/core/src", `import { Effect } from "effect"`, imports],
  ["packages/core/src", `import type { Effect } from "effect"`, imports],
  ["packages/core/src", `import "effect/http/HttpClient"`, imports],
  ["packages/core/src", `import "./unstable-http/Client.ts"`, imports],
  ["packages/core/src", `import "./Port"`, imports],
  ["packages/core/src", `import "./Port.js"`, imports],
  ["packages/core/src", `import "."`, imports],
  ["packages/core/src", `import "/tmp/x.ts"`, imports],
  ["packages/core/src", `export {}\nawait 1`, topLevelAwait],
  ["packages/core/src", `export {}\nfor await (const x of []) x`, topLevelAwait],
  ["packages/core/src", `export {}\nawait using x = y`, topLevelAwait],
  ["packages/core/src", `export {}\n{ if (a) await b }`, topLevelAwait],
  ["packages/core/src", `const f = () => Date.now()`, properties],
  ["packages/core/src", `const now = Date.now`, properties],
  ["packages/core/src", `const f = () => Math.random()`, properties],
  ["packages/core/src", `const f = () => setTimeout(f, 1)`, globals],
  ["packages/core/src", `const f = () => globalThis.setTimeout(f, 1)`, globals],
  ["packages/core/src", `const f = () => setInterval(f, 1)`, globals],
  ["packages/core/src", `const f = () => setImmediate(f)`, globals],
  ["packages/core/src/unstable-http", `import "effect/persistence/Redis"`, imports],
  ["packages/providers/deeply/src", `import "@tokenkeep/transport-fetch"`, imports],
  ["packages/providers/deeply/src", `import "oauth4webapi"`, imports],
  ["packages/providers/oauth2/src", `import "jose"`, imports],
  ["packages/providers/oauth2/src/defaultAdapters.ts", `import "oauth4webapi"`, imports],
  ["packages/providers/deeply/src/defaultAdapters.ts", `import "@tokenkeep/transport-ky"`, imports],
  ["packages/providers/deeply/src/nested/src/defaultAdapters.ts", `import "@tokenkeep/storage-memory"`, imports],
  ["packages/providers/deeply/src/testing", `export const load = () => import("node:net")`, imports],
  ["packages/transports/ky/src", `import "@tokenkeep/storage-memory"`, imports],
  ["packages/transports/fetch/src", `import "node:http"`, imports],
  ["packages/storage/memory/src", `import "@tokenkeep/transport-ky"`, imports],
  ["packages/storage/memory/src", `import "ky"`, imports],
  ["packages/conformance/src", `import "node:http"`, imports],
  ["packages/tokenkeep/src", `import "@tokenkeep/conformance"`, imports],
  ["packages/tokenkeep/src", `import "rolldown"`, imports],
  ["apps/demo/src", `import "."`, imports],
  ["apps/demo/src", `import ".."`, imports],
  ["apps/demo/src", `import "./other"`, imports],
  ["apps/demo/src", `import "../../../packages/core/src/Port.ts"`, imports],
  ["bench/src", `import "../../scripts/api.ts"`, imports]
]

const rules = new Set(wrong.map(([, , rule]) => rule))
const fileOf = (place: string, index: number): string => (place.endsWith(".ts") ? place : `${place}/${index}.ts`)

const folder = mkdtempSync(join(tmpdir(), "import-rules-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes the modules and lints them. Returns each file with the rule that it breaks. */
const lint = (): ReadonlyArray<string> => {
  const config = join(folder, ".oxlintrc.json")
  cpSync(join(root, ".oxlintrc.json"), config)
  wrong.forEach(([place, text], index) => {
    const file = join(folder, fileOf(place, index))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  })
  const oxlint = join(root, "node_modules/.bin/oxlint")
  const { stdout } = spawnSync(oxlint, ["--format=json", "--config", config, folder], { cwd: root, encoding: "utf8" })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: ReadonlyArray<{ filename: string; code: string }> }
  return diagnostics
    .filter(({ code }) => rules.has(code))
    .map(({ filename, code }) => `${relative(folder, filename)} ${code}`)
}

const found = lint()

it.each(wrong.map((each, index) => [...each, index] as const))("in %s, rejects %s", (place, _, rule, index) => {
  const file = fileOf(place, index)
  expect(found.filter((each) => each.startsWith(`${file} `))).toEqual([`${file} ${rule}`])
})
