import { execFile } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { fakeServer } from "./support/clients.ts"

const dist = join(import.meta.dirname, "../dist")
const textOf = (file: string): string => readFileSync(join(dist, file), "utf8")

/** Every module that a file of dist/ imports, statically or dynamically, through other files of dist/. */
const importsOf = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(file)) return seen
  seen.add(file)
  if (!file.startsWith("./")) return seen
  for (const [, name = ""] of textOf(file).matchAll(/(?:\bfrom |^import |\bimport\()"([^"]+)"/gm)) importsOf(name, seen)
  return seen
}

const externalImportsOf = (entry: string): ReadonlyArray<string> =>
  [...importsOf(`./${entry}.js`)].filter((name) => !name.startsWith("./")).toSorted()

describe("what the entries import", () => {
  it("the main entry imports nothing outside this package", () => {
    expect(externalImportsOf("index")).toEqual([])
  })

  it.each([
    ["redis", ["redis"]],
    ["ky", ["ky"]],
    ["opentelemetry", ["@opentelemetry/api"]],
    ["undici", ["undici"]]
  ])("tokenkeep/%s imports its peer dependency", (entry, peers) => {
    expect(externalImportsOf(entry).filter((name) => !name.startsWith("node:"))).toEqual(peers)
  })

  it("tokenkeep/oauth2 imports nothing outside this package, and the main entry nothing of it", () => {
    expect(externalImportsOf("oauth2")).toEqual([])
    const texts = [...importsOf("./index.js")].filter((name) => name.startsWith("./")).map(textOf)
    expect(texts.join("\n")).not.toMatch(/oauth4webapi|providers\/oauth2/)
  })

  it("tokenkeep/file imports modules of Node and nothing else", () => {
    expect(externalImportsOf("file")).toContain("node:fs/promises")
    expect(externalImportsOf("file").filter((name) => !name.startsWith("node:"))).toEqual([])
  })

  it("tokenkeep/testing loads only node:http, when a server is started", () => {
    expect(externalImportsOf("testing")).toEqual(["node:http"])
  })

  it("the client and the fake server run where no module of Node can be loaded", async () => {
    const server = await fakeServer()
    const [hook, program] = ["refuseNodeModules", "withFetchOnly"].map((name) =>
      join(import.meta.dirname, `support/${name}.mjs`)
    )
    const args = ["--import", hook!, program!, `${dist}/`, server.url, server.apiKey]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(JSON.parse(stdout)).toEqual({ status: 200, page: 1, fake: "function" })
  })
})

describe("the typed client", () => {
  /** The modules of a file, and of those that it imports statically. */
  const modulesOf = (file: string): ReadonlyArray<string> => {
    const text = textOf(file)
    const imported = [...text.matchAll(/^import .*from "\.\/([^"]+)"/gm)].flatMap(([, name = ""]) => modulesOf(name))
    return [...(text.match(/^\/\/ \S+\.ts$/gm) ?? []), ...imported]
  }
  const typedClient = [
    "// ../core/src/api/ApiClient.ts",
    "// ../providers/deeply/src/collections/typedPromiseClient.ts",
    "// ../providers/deeply/src/validation/Validator.ts"
  ]

  it("is not loaded with the main entry", () => {
    const modules = modulesOf("index.js")
    expect(modules).toContain("// ../core/src/TokenKeep.ts")
    expect(modules.filter((module) => typedClient.includes(module))).toEqual([])
  })

  it("is a file of its own, which the first call of events or mics loads", () => {
    expect(textOf("index.js")).toContain('import("./typedPromiseClient.js")')
    expect(modulesOf("typedPromiseClient.js")).toEqual(expect.arrayContaining(typedClient))
  })
})

describe("the code", () => {
  const files = globSync("*.js", { cwd: dist })

  it("holds every module once, so entries share classes and state", () => {
    const modules = files.flatMap((file) => textOf(file).match(/^\/\/ \S+\.[jt]s$/gm) ?? [])
    expect(modules).toContain("// ../core/src/errors/TokenkeepError.ts")
    expect(modules.filter((module, index) => modules.indexOf(module) !== index)).toEqual([])
  })

  it("is readable, so an uncaught error prints its message and a short stack", async () => {
    const program = `import { createDeeply } from "${join(dist, "index.js")}"; createDeeply({ host: "no host" })`
    const args = ["--input-type=module", "--eval", program]
    const { stderr } = await promisify(execFile)(process.execPath, args).catch((error) => error)
    expect(stderr).toContain("createDeeply")
    expect(stderr).toContain("CONFIG_INVALID")
    expect(stderr.length).toBeLessThan(3_000)
  })
})
