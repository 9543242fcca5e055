import { describe, expect, it } from "vitest"
import { check, type Files } from "./architecture/check.ts"
import { effectStability } from "./architecture/effectStability.ts"
import { readText, repositoryFiles } from "./repositoryFiles.ts"

const options = { stabilityOf: effectStability }

const manifest = (name: string, more: object = {}): string =>
  JSON.stringify({
    name,
    type: "module",
    license: "MIT",
    sideEffects: false,
    peerDependencies: { effect: "^4.0.0" },
    ...more
  })

/** A small workspace that breaks no rule. */
const clean: Files = {
  "packages/core/package.json": manifest("@tokenkeep/core"),
  "packages/core/src/Port.ts": `import * as Layer from "effect/Layer"\nexport const at = new Date(0)\nexport { Layer }`,
  "packages/core/src/index.ts": `export * from "./Port.ts"`,
  "packages/providers/deeply/package.json": manifest("@tokenkeep/deeply", {
    dependencies: {
      "@tokenkeep/core": "workspace:^",
      "@tokenkeep/storage-memory": "workspace:^",
      "@tokenkeep/transport-fetch": "workspace:^"
    }
  }),
  "packages/providers/deeply/src/defaultAdapters.ts": `export * from "@tokenkeep/storage-memory"\nimport "@tokenkeep/transport-fetch"`,
  "packages/providers/deeply/src/testing/startFakeDeeply.ts": `export const start = async () => { await import("node:http"); setTimeout(() => {}, Date.now()) }`,
  "packages/transports/ky/package.json": manifest("@tokenkeep/transport-ky", {
    peerDependencies: { effect: "^4.0.0", ky: "^2.0.0" }
  }),
  "packages/transports/ky/src/index.ts": `import ky from "ky"\nimport type { Port } from "@tokenkeep/core"\nexport const a: Port = ky`,
  "packages/storage/memory/package.json": manifest("@tokenkeep/storage-memory"),
  "packages/storage/memory/src/index.ts": `export const later = async () => { await 1 }`,
  "apps/demo/package.json": JSON.stringify({ name: "demo", private: true }),
  "apps/demo/src/main.ts": `import { Effect } from "effect"\nimport "@tokenkeep/deeply"\nimport "node:fs"\nimport "./other.ts"\nawait Effect`
}

const rulesBroken = (files: Files): ReadonlyArray<string> =>
  check({ ...clean, ...files }, options).map(({ rule, file, line }) => `${rule} ${file}:${line}`)

const inCore = (text: string): Files => ({ "packages/core/src/Wrong.ts": text })
const brokenInCore = (rule: string, line = 1): ReadonlyArray<string> => [`${rule} packages/core/src/Wrong.ts:${line}`]

describe("the workspace", () => {
  const files = Object.fromEntries(
    repositoryFiles
      .filter((file) => /^(packages|apps)\/(.+\/)?package\.json$|^bench\/package\.json$/.test(file))
      .concat(repositoryFiles.filter((file) => /^(packages\/.+|apps\/[^/]+|bench)\/src\/.+\.ts$/.test(file)))
      .map((file) => [file, readText(file)])
  )

  it("RUN-3: breaks no rule: effect is a peer, and only its stable modules are used", () => {
    expect(
      check(files, options).map(({ file, line, rule, message }) => `${file}:${line} ${message} (${rule})`)
    ).toEqual([])
  })
})

describe("the checker", () => {
  it("finds nothing in a workspace that breaks no rule", () => {
    expect(rulesBroken({})).toEqual([])
  })

  it.each([
    ["an import", `import { x } from "ky"`],
    ["a bare import", `import "ky"`],
    ["a type-only import", `import type { KyInstance } from "ky"`],
    ["an export from", `export { x } from "ky"`],
    ["an export of everything from", `export * as ky from "ky"`],
    ["a dynamic import", `export const load = () => import("ky")`],
    ["a computed dynamic import", `export const load = (name: string) => import(name)`],
    ["an import type", `export type Ky = import("ky").KyInstance`]
  ])("finds that core imports a library through %s", (_, text) => {
    expect(rulesBroken(inCore(text))).toEqual(brokenInCore("import-direction"))
  })

  it("reports the line", () => {
    expect(rulesBroken(inCore(`// one\n\nimport "ky"`))).toEqual(brokenInCore("import-direction", 3))
  })

  it.each([
    ["packages/core/src/Wrong.ts", "@tokenkeep/deeply"],
    ["packages/transports/ky/src/Wrong.ts", "@tokenkeep/storage-memory"],
    ["packages/storage/memory/src/Wrong.ts", "@tokenkeep/transport-ky"],
    ["packages/storage/memory/src/Wrong.ts", "ky"],
    ["packages/providers/deeply/src/createDeeply.ts", "@tokenkeep/transport-fetch"],
    ["packages/providers/deeply/src/nested/src/defaultAdapters.ts", "@tokenkeep/storage-memory"],
    ["packages/providers/deeply/src/defaultAdapters.ts", "@tokenkeep/transport-ky"]
  ])("finds that %s imports %s", (file, specifier) => {
    expect(rulesBroken({ [file]: `import "${specifier}"` })).toEqual([`import-direction ${file}:1`])
  })

  it.each(["packages/core/src/Wrong.ts", "bench/src/Wrong.ts"])("finds that %s imports an app", (file) => {
    const bench = { "bench/package.json": JSON.stringify({ name: "bench" }) }
    expect(rulesBroken({ ...bench, [file]: `import "demo"` })).toEqual([`nothing-imports-apps ${file}:1`])
  })

  it.each(["node:fs", "fs", "node:http"])("finds that core imports %s", (specifier) => {
    expect(rulesBroken(inCore(`import "${specifier}"`))).toEqual(brokenInCore("runtime-neutral"))
  })

  it("allows node:http in the fake server only when it is started", () => {
    const file = "packages/providers/deeply/src/testing/startFakeDeeply.ts"
    expect(rulesBroken({ [file]: `import "node:http"` })).toEqual([`runtime-neutral ${file}:1`])
    expect(rulesBroken({ [file]: `await import("node:net")` })).toEqual([
      `runtime-neutral ${file}:1`,
      `no-top-level-await ${file}:1`
    ])
  })

  it.each([`import { Effect } from "effect"`, `import type { Effect } from "effect"`])("finds %s", (text) => {
    expect(rulesBroken(inCore(text))).toEqual(brokenInCore("no-effect-barrel"))
  })

  it.each(["effect/http/HttpClient", "effect/persistence", "effect/NoSuchModule"])(
    "finds the use of %s",
    (specifier) => {
      expect(rulesBroken(inCore(`import "${specifier}"`))).toEqual(brokenInCore("stable-effect"))
    }
  )

  it("allows effect's http modules in one entry of core, which no other module may import", () => {
    const file = "packages/core/src/unstable-http/Client.ts"
    expect(rulesBroken({ [file]: `import "effect/http/HttpClient"` })).toEqual([])
    expect(rulesBroken({ [file]: `import "effect/persistence/Redis"` })).toEqual([`stable-effect ${file}:1`])
    expect(rulesBroken({ [file]: "", ...inCore(`import "./unstable-http/Client.ts"`) })).toEqual(
      brokenInCore("stable-entry")
    )
  })

  it.each(["./Port", "./Port.js", "."])("finds the relative import of %s", (specifier) => {
    expect(rulesBroken(inCore(`import "${specifier}"`))).toContain(brokenInCore("relative-ts")[0])
  })

  it.each(["../../storage/memory/src/index.ts", "../test/support.ts", "/tmp/x.ts"])(
    "finds that %s leaves src",
    (specifier) => {
      expect(rulesBroken(inCore(`import "${specifier}"`))).toEqual(brokenInCore("relative-stays"))
    }
  )

  it("finds that an app imports a file of a package", () => {
    const file = "apps/demo/src/main.ts"
    expect(rulesBroken({ [file]: `import "../../../packages/core/src/Port.ts"` })).toEqual([`relative-stays ${file}:1`])
  })

  it.each(["await 1", "for await (const x of []) x", "await using x = y", "{ if (a) await b }"])("finds %s", (text) => {
    expect(rulesBroken(inCore(text))).toEqual(brokenInCore("no-top-level-await"))
  })

  it.each([
    "const f = () => Date.now()",
    "const now = Date.now",
    "const f = () => new Date()",
    "const f = () => Math.random()",
    "const f = () => setTimeout(f, 1)",
    "const f = () => globalThis.setTimeout(f, 1)",
    "const f = () => setInterval(f, 1)"
  ])("finds %s", (text) => {
    expect(rulesBroken(inCore(text))).toEqual(brokenInCore("no-ambient"))
  })

  it.each([
    ["effect-is-peer", { peerDependencies: {} }],
    ["effect-is-peer", { dependencies: { effect: "^4.0.0" } }],
    ["manifest-module", { type: "commonjs" }],
    ["manifest-side-effects", { sideEffects: true }],
    ["manifest-license", { license: "ISC" }],
    ["import-direction", { dependencies: { "@tokenkeep/deeply": "workspace:^" } }],
    ["import-direction", { dependencies: { ky: "^2.0.0" } }],
    ["nothing-imports-apps", { dependencies: { demo: "workspace:^" } }]
  ])("finds that a manifest breaks %s", (rule, wrong) => {
    const file = "packages/core/package.json"
    expect(rulesBroken({ [file]: manifest("@tokenkeep/core", wrong) })).toContain(`${rule} ${file}:1`)
  })

  it.each([{ dependencies: { effect: "^4.0.0" } }, { peerDependencies: { effect: "^4.0.0" } }])(
    "finds that the bundle needs something: %o",
    (needs) => {
      const file = "packages/tokenkeep/package.json"
      const bundle = manifest("tokenkeep", { peerDependencies: undefined })
      expect(rulesBroken({ [file]: bundle })).toEqual([])
      expect(rulesBroken({ [file]: manifest("tokenkeep", { peerDependencies: undefined, ...needs }) })).toEqual([
        `bundle-stands-alone ${file}:1`
      ])
    }
  )

  it("allows optional peer dependencies of the bundle", () => {
    const optional = { peerDependencies: { ky: "^2.0.0" }, peerDependenciesMeta: { ky: { optional: true } } }
    expect(rulesBroken({ "packages/tokenkeep/package.json": manifest("tokenkeep", optional) })).toEqual([])
  })

  it("finds a package in an unknown folder", () => {
    const file = "packages/extras/package.json"
    expect(rulesBroken({ [file]: manifest("@tokenkeep/extras") })).toEqual([`known-place ${file}:1`])
  })
})
