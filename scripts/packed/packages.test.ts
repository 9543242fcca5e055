// Checks each tarball as its users meet it.
import { existsSync, globSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { describe, expect } from "vitest"
import { apiOf, recordOf } from "../apiRecord.ts"
import { publicPackages, readManifest } from "../publicPackages.ts"
import { root } from "../root.ts"
import { run } from "../run.ts"
import { it as base } from "./fixtures.ts"
import { tarballs } from "./installProject.ts"

const it = base.extend("unpacked", { scope: "file" }, async ({ work }) => {
  const unpack = async ([name, tarball]: readonly [string, string]) => {
    const directory = join(work, "unpacked", name)
    mkdirSync(directory, { recursive: true })
    await run("tar", ["-xzf", tarball, "-C", directory, "--strip-components=1"])
    return [name, directory] as const
  }
  return new Map(await Promise.all(Object.entries(tarballs).map(unpack)))
})

/** The root manifest is the one place for these. */
const { bugs, homepage, repository } = readManifest(root)

const filesIn = (directory: string): ReadonlyArray<string> =>
  globSync("**/*", { cwd: directory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))

interface SourceMap {
  readonly sources: ReadonlyArray<string>
  readonly sourcesContent?: ReadonlyArray<string | null>
}

/** The sources of a map that are neither in the tarball nor in the map. */
const missingSources = (directory: string, map: string): ReadonlyArray<string> => {
  const { sources, sourcesContent = [] } = JSON.parse(readFileSync(join(directory, map), "utf8")) as SourceMap
  return sources
    .filter((_, index) => typeof sourcesContent[index] !== "string")
    .map((source) => join(dirname(map), source))
    .filter((source) => !existsSync(join(directory, source)))
}

describe.for(publicPackages())("$manifest.name", ({ dir: source, manifest: { bin, name } }) => {
  /** It exports nothing, so it has no types. */
  const isCommand = bin !== undefined
  const tarball = tarballs[name]!
  const directory = (unpacked: ReadonlyMap<string, string>): string => unpacked.get(name)!

  it("publint finds nothing", () => run("publint", ["--strict", tarball]))

  if (!isCommand) {
    it("its types resolve", () => run("attw", [tarball, "--profile", "esm-only", "--format", "ascii", "--no-emoji"]))

    it("exports what etc/ records", async ({ unpacked }) => {
      const record = recordOf(name)
      expect(
        existsSync(record) && readFileSync(record, "utf8") === (await apiOf(directory(unpacked))),
        `${relative(root, record.pathname)} says something else: run "pnpm api", and review what it changes`
      ).toBe(true)
    })

    it("has source maps that lead to sources in it", ({ unpacked }) => {
      const maps = filesIn(directory(unpacked)).filter((file) => file.endsWith(".map"))
      expect(maps).not.toEqual([])
      expect(maps.flatMap((map) => missingSources(directory(unpacked), map))).toEqual([])
    })
  }

  it("contains no test", ({ unpacked }) => {
    const ours = /(^|\/)test\/|\.(test|bench)\.|vitest\.config|\.vitest\//
    expect(filesIn(directory(unpacked)).filter((file) => ours.test(file))).toEqual([])
  })

  it("contains its licence, its README and the page on errors", ({ unpacked }) => {
    expect(filesIn(directory(unpacked))).toEqual(expect.arrayContaining(["LICENSE", "README.md", "docs/errors.md"]))
  })

  it("ships its changelog", ({ unpacked }) => {
    // npm packs a changelog only where `files` names it, and there is none before the first release.
    expect(readManifest(directory(unpacked)).files).toContain("CHANGELOG.md")
  })

  it("has the fields that a registry shows, and that provenance is checked against", ({ unpacked }) => {
    const manifest = readManifest(directory(unpacked))
    expect(manifest).toMatchObject({
      engines: { node: ">=22.19" },
      license: "MIT",
      homepage,
      bugs,
      repository: { ...repository, directory: relative(root, source) },
      sideEffects: false,
      type: "module"
    })
    expect(manifest.description?.length).toBeGreaterThan(20)
    expect(manifest.keywords?.length).toBeGreaterThan(2)
  })

  if (isCommand || name === "tokenkeep") {
    it("needs no other package, and contains the licences of what is bundled", ({ unpacked }) => {
      const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = readManifest(directory(unpacked))
      expect(dependencies).toEqual({})
      // The client of a transport or storage is the application's: it installs one if it uses that entry.
      expect(Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true)).toEqual([])
      expect(readFileSync(join(directory(unpacked), "THIRD-PARTY-LICENSES.txt"), "utf8")).toMatch(
        /^This package contains .*effect \d.*Copyright.*This package contains oauth4webapi \d.*Copyright/s
      )
    })
  }
  if (name === "tokenkeep") {
    it("is as small as it promises", () => run("pnpm", ["run", "size"], { cwd: source }))
  } else if (!isCommand) {
    it("leaves effect to the application", ({ unpacked }) => {
      // A second copy of effect in an application would not recognise the values of the first.
      const { dependencies = {}, peerDependencies } = readManifest(directory(unpacked))
      expect(dependencies).not.toHaveProperty("effect")
      expect(peerDependencies).toHaveProperty("effect")
    })
  }

  it("has ranges that npm can resolve", ({ unpacked }) => {
    const { dependencies, peerDependencies } = readManifest(directory(unpacked))
    const ranges = Object.values({ ...dependencies, ...peerDependencies })
    expect(ranges.filter((range) => /^(workspace|link|file|catalog):/.test(range))).toEqual([])
  })
})
