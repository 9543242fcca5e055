import { dirname } from "node:path"
import { describe, expect, it } from "vitest"
import { type Manifest, manifestErrors } from "./architecture/manifestErrors.ts"
import { sourceErrors } from "./architecture/sourceErrors.ts"
import { readText, repositoryFiles } from "./repositoryFiles.ts"

describe("the workspace", () => {
  it("RUN-3: every manifest follows the rules: effect is a peer", () => {
    const files = repositoryFiles.filter((file) => /^(packages|apps|bench)\/(.+\/)?package\.json$/.test(file))
    const manifests = files.map((file) => [dirname(file), JSON.parse(readText(file)) as Manifest])
    expect(manifestErrors(Object.fromEntries(manifests))).toEqual([])
  })

  it("RUN-3: every module follows the rules: only effect's stable modules are used", () => {
    const files = repositoryFiles.filter((file) => /^packages\/.+\/src\/.+\.ts$/.test(file))
    expect(files.flatMap((file) => sourceErrors(file, readText(file)))).toEqual([])
  })

  it("has every file and folder to which docs/architecture.md sends a reader", () => {
    const rows = readText("docs/architecture.md")
      .split("## Where to find things")[1]!
      .matchAll(/^\|.*$/gm)
    const named = [...rows].flatMap(([row]) => [...row.matchAll(/`([\w-]+\/[\w/.-]+)`/g)].map(([, path = ""]) => path))
    const exists = (path: string) =>
      repositoryFiles.some((file) => file === path || (path.endsWith("/") && file.startsWith(path)))
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter((path) => !exists(path) && !exists(`packages/core/src/${path}`))).toEqual([])
  })
})

describe("the check of manifests", () => {
  const manifest = (name: string, more: Partial<Record<keyof Manifest, unknown>> = {}): Manifest =>
    ({
      name,
      type: "module",
      license: "MIT",
      sideEffects: false,
      peerDependencies: { effect: "^4.0.0" },
      ...more
    }) as Manifest

  const clean = {
    "packages/core": manifest("@tokenkeep/core"),
    "packages/providers/deeply": manifest("@tokenkeep/deeply", {
      dependencies: {
        "@tokenkeep/core": "workspace:^",
        "@tokenkeep/storage-memory": "workspace:^",
        "@tokenkeep/transport-fetch": "workspace:^"
      }
    }),
    "packages/transports/ky": manifest("@tokenkeep/transport-ky", {
      peerDependencies: { effect: "^4.0.0", ky: "^2.0.0" }
    }),
    "packages/tokenkeep": manifest("tokenkeep", {
      peerDependencies: { ky: "^2.0.0" },
      peerDependenciesMeta: { ky: { optional: true } }
    }),
    "apps/demo": { name: "demo" },
    bench: { name: "bench" }
  }

  it("finds nothing in a workspace that breaks no rule", () => {
    expect(manifestErrors(clean)).toEqual([])
  })

  it.each([
    ["packages/core", { peerDependencies: {} }, "effect must be a peer"],
    ["packages/core", { dependencies: { effect: "^4.0.0" } }, "effect must be a peer"],
    ["packages/core", { type: "commonjs" }, '"type" must be "module"'],
    ["packages/core", { sideEffects: true }, '"sideEffects" must be false'],
    ["packages/core", { license: "ISC" }, '"license" must be "MIT"'],
    ["packages/core", { dependencies: { "@tokenkeep/deeply": "workspace:^" } }, "may not depend on @tokenkeep/deeply"],
    ["packages/core", { dependencies: { ky: "^2.0.0" } }, "may not depend on ky"],
    ["packages/core", { dependencies: { demo: "workspace:^" } }, "depends on the app demo"],
    ["bench", { devDependencies: { demo: "workspace:^" } }, "depends on the app demo"],
    [
      "packages/tokenkeep",
      { peerDependencies: {}, dependencies: { effect: "^4.0.0" } },
      "needs effect to be installed"
    ],
    ["packages/tokenkeep", { peerDependencies: { effect: "^4.0.0" } }, "needs effect to be installed"],
    ["packages/extras", {}, "is an unknown folder for a package: add it to manifestErrors.ts and .oxlintrc.json"]
  ])("finds the error of %s with %o", (folder, wrong, error) => {
    expect(manifestErrors({ ...clean, [folder]: manifest("wrong", wrong) })).toContain(`${folder} ${error}`)
  })
})

describe("the check of modules", () => {
  it.each([
    ["core/src/a.ts", `export * from "./b/c.ts"; import("effect/Layer"); import "@tokenkeep/core"; new Date(0)`],
    ["core/src/unstable-http/a.ts", `// Date() and import()\nimport "effect/http/HttpClient"`],
    ["core/src/testing/a.ts", `new Date()`],
    ["cli/src/serve/endpoints/metrics.ts", `import("effect/observability/PrometheusMetrics")`]
  ])("finds nothing in %s with %s", (file, text) => {
    expect(sourceErrors(`packages/${file}`, text)).toEqual([])
  })

  it.each([
    ["core/src/a.ts", `import "../../storage/memory/src/b.ts"`, "../../storage/memory/src/b.ts leaves src"],
    ["storage/file/src/a/b.ts", `export * from "../../test/c.ts"`, "../../test/c.ts leaves src"],
    ["core/src/a.ts", `import "effect/FileSystem"`, "effect/FileSystem is not a stable module"],
    ["core/src/a.ts", `export * from "effect/persistence"`, "effect/persistence is not a stable module"],
    [
      "cli/src/a.ts",
      `import "effect/observability/PrometheusMetrics"`,
      "effect/observability/PrometheusMetrics is not a stable module"
    ],
    ["core/src/a.ts", `import "effect/NoSuchModule"`, "effect/NoSuchModule is not a stable module"],
    ["core/src/a.ts", `import(name)`, "a dynamic import does not name its module in a string"],
    ["core/src/a.ts", "import(`ky`)", "a dynamic import does not name its module in a string"],
    ["core/src/a.ts", `const f = () => new Date()`, "Date() reads the clock: use effect's Clock"]
  ])("finds the error of %s with %s", (file, text, error) => {
    expect(sourceErrors(`packages/${file}`, text)).toEqual([`packages/${file}: ${error}`])
  })
})
