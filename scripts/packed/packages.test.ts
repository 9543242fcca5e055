// Checks each tarball as its users meet it.
import { existsSync, globSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join, posix, relative } from "node:path"
import { describe, expect } from "vitest"
import { type Page, parsePage } from "../../test/docs/Markdown.ts"
import { apiOf, recordOf } from "../apiRecord.ts"
import { publicPackages, readManifest } from "../publicPackages.ts"
import { relink } from "../relink.ts"
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

/** What an address of this repository names: `repository` of the manifest is the one place for its start. */
const inRepository = (url: string): string | undefined => {
  const start = `${repository?.url.replace(/^git\+|\.git$/g, "")}/`
  return url.startsWith(start) ? url.slice(start.length).replace(/^(blob|tree|raw)\/main\//, "") : undefined
}

const parsed = new Map<string, Page>()
const pageOf = (file: string): Page => {
  const page = parsed.get(file) ?? parsePage(readFileSync(file, "utf8"))
  parsed.set(file, page)
  return page
}

const leadsSomewhere = (directory: string, page: string, url: string): boolean => {
  const [path = "", anchor] = url.split("#")
  const own = inRepository(path)
  if (own === undefined && /^[a-z][a-z+.-]*:/i.test(url)) return true
  const file =
    own === undefined ? join(directory, path === "" ? page : posix.join(posix.dirname(page), path)) : join(root, own)
  if (!existsSync(file)) return false
  return anchor === undefined || !file.endsWith(".md") || pageOf(file).anchors.has(anchor)
}

const brokenLinks = (directory: string): ReadonlyArray<string> =>
  filesIn(directory)
    .filter((file) => file.endsWith(".md"))
    .flatMap((page) =>
      pageOf(join(directory, page))
        .links.filter(({ url }) => !leadsSomewhere(directory, page, url))
        .map(({ line, url }) => `${page}:${line} ${url}`)
    )

/** The text of a page, and how many links it has: where they lead differs between this repository and a package. */
const contentOf = (file: string) => ({
  text: relink(readFileSync(file, "utf8"), () => undefined),
  links: pageOf(file).links.length
})

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

  it("contains its licence, its README, its changelog and the page on errors", ({ unpacked }) => {
    const expected = ["CHANGELOG.md", "LICENSE", "README.md", "docs/errors.md"]
    expect(filesIn(directory(unpacked))).toEqual(expect.arrayContaining(expected))
  })

  it("contains something for each entry of files in its manifest", ({ unpacked }) => {
    const { files = [] } = readManifest(directory(unpacked))
    const packed = filesIn(directory(unpacked))
    // npm packs a changelog only where `files` names it.
    expect(files).toContain("CHANGELOG.md")
    expect(
      files
        .filter((entry) => !entry.startsWith("!"))
        .filter((entry) => !packed.some((file) => file === entry || file.startsWith(`${entry}/`)))
    ).toEqual([])
  })

  it("has pages whose links lead to a page in it, or to an address", ({ unpacked }) => {
    expect(brokenLinks(directory(unpacked))).toEqual([])
  })

  it("has the pages of this repository, and no text or link of them is missing", ({ unpacked }) => {
    expect(contentOf(join(directory(unpacked), "README.md"))).toEqual(contentOf(join(source, "README.md")))
    const pages = globSync("docs/*.md", { cwd: directory(unpacked) }).filter((page) => existsSync(join(root, page)))
    expect(pages).toContain("docs/errors.md")
    for (const page of pages) {
      expect(contentOf(join(directory(unpacked), page))).toEqual(contentOf(join(root, page)))
    }
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
    it("contains the pages that its users need, under its own names", ({ unpacked }) => {
      const pages = globSync("docs/*.md", { cwd: directory(unpacked) })
      expect(pages).toEqual(
        expect.arrayContaining(["docs/getting-started.md", "docs/operations.md", "docs/testing.md"])
      )
      for (const storage of ["file", "redis"]) {
        const page = readFileSync(join(directory(unpacked), `docs/storage-${storage}.md`), "utf8")
        expect(page).toContain(`from "tokenkeep/${storage}"`)
        expect(page).not.toContain("@tokenkeep/")
      }
    })

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
