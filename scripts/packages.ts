// Packs each public package and checks the tarball as a consumer would meet it.
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, relative } from "node:path"
import { apiOf, recordOf } from "./apiRecord.ts"
import { type Cases, runCases } from "./cases.ts"
import { type Packed, packAll, readManifest } from "./publicPackages.ts"
import { root } from "./root.ts"
import { run } from "./run.ts"

const filesIn = (dir: string): ReadonlyArray<string> =>
  globSync("**/*", { cwd: dir, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))

const nothing = (found: ReadonlyArray<string>, complaint: string): void => {
  if (found.length > 0) throw new Error(`${complaint}: ${found.join(", ")}`)
}

const noTests = (dir: string): void =>
  nothing(
    filesIn(dir).filter((file) => /(^|\/)test\/|\.(test|bench)\.|vitest\.config|\.vitest\//.test(file)),
    "files that only this repository needs"
  )

const pagesPresent = (dir: string): void =>
  nothing(
    ["LICENSE", "README.md", "docs/errors.md"].filter((file) => !existsSync(join(dir, file))),
    "missing"
  )

/** What a registry shows, and provenance is checked against. */
const describesItself = (source: string, dir: string): void => {
  const { description, engines, keywords, license, repository, sideEffects, type } = readManifest(dir)
  const right = {
    description: (description ?? "").length > 20,
    engines: engines?.["node"] === ">=22.19",
    keywords: (keywords ?? []).length > 2,
    license: license === "MIT",
    repository: repository?.type === "git" && repository.directory === relative(root, source),
    sideEffects: sideEffects === false,
    type: type === "module"
  }
  const wrong = Object.entries(right).flatMap(([field, isRight]) => (isRight ? [] : [field]))
  nothing(wrong, "fields that are missing or wrong")
}

const surfaceIsRecorded = async (dir: string): Promise<void> => {
  const record = recordOf(readManifest(dir).name)
  if (existsSync(record) && readFileSync(record, "utf8") === (await apiOf(dir))) return
  throw new Error(`${relative(root, record.pathname)} says something else: run "pnpm api", and review what it changes`)
}

/** A second copy of effect in an application would not recognise the first one's values: it must be the user's own. */
const effectIsPeer = (dir: string): void => {
  const { dependencies = {}, peerDependencies = {} } = readManifest(dir)
  if ("effect" in dependencies) throw new Error("effect is in dependencies")
  if (!("effect" in peerDependencies)) throw new Error("effect is not in peerDependencies")
}

/** npm packs a changelog only where it is asked to, and there is none before the first release. */
const shipsItsChangelog = (dir: string): void => {
  if (!readManifest(dir).files?.includes("CHANGELOG.md")) throw new Error("CHANGELOG.md is not in files")
}

/** Everything is bundled in, and what others wrote comes with its licence. */
const standsAlone = (dir: string): void => {
  const { dependencies, peerDependencies } = readManifest(dir)
  nothing(Object.keys({ ...dependencies, ...peerDependencies }), "needs")
  const licences = readFileSync(join(dir, "THIRD-PARTY-LICENSES.txt"), "utf8")
  if (!/^This package contains effect \d.*Copyright/s.test(licences)) throw new Error("lacks the licence of effect")
}

const installable = (dir: string): void => {
  const { dependencies, peerDependencies } = readManifest(dir)
  const ranges = Object.entries({ ...dependencies, ...peerDependencies })
  nothing(
    ranges.filter(([, range]) => /^(workspace|link|file|catalog):/.test(range)).map(([name]) => name),
    "ranges that npm cannot resolve"
  )
}

interface SourceMap {
  readonly sources: ReadonlyArray<string>
  readonly sourcesContent?: ReadonlyArray<string | null>
}

/** A source is in the tarball, or its text is in the map. */
const unresolvedSources = (dir: string, map: string): ReadonlyArray<string> => {
  const { sources, sourcesContent = [] } = JSON.parse(readFileSync(join(dir, map), "utf8")) as SourceMap
  return sources
    .filter((_, index) => typeof sourcesContent[index] !== "string")
    .map((source) => join(dirname(map), source))
    .filter((source) => !existsSync(join(dir, source)))
}

const mapsResolve = (dir: string): void => {
  const maps = filesIn(dir).filter((file) => file.endsWith(".map"))
  if (maps.length === 0) throw new Error("no source maps")
  nothing(
    maps.flatMap((map) => unresolvedSources(dir, map)),
    "sources that are not in the tarball"
  )
}

const unpack = async (tarball: string): Promise<string> => {
  const dir = tarball.replace(/\.tgz$/, "")
  mkdirSync(dir)
  await run("tar", ["-xzf", tarball, "-C", dir, "--strip-components=1"])
  return dir
}

const casesOf = async ({ dir: source, manifest, tarball }: Packed): Promise<Cases> => {
  const dir = await unpack(tarball)
  const isBundle = manifest.name === "tokenkeep"
  const checks: Cases = {
    "publint finds nothing": () => run("publint", ["--strict", tarball]),
    "its types resolve": () => run("attw", [tarball, "--profile", "esm-only", "--format", "ascii", "--no-emoji"]),
    "holds no test": () => noTests(dir),
    "holds its licence, its README and the page on errors": () => pagesPresent(dir),
    "ships its changelog": () => shipsItsChangelog(dir),
    "describes itself": () => describesItself(source, dir),
    "exports what etc/ records": () => surfaceIsRecorded(dir),
    ...(isBundle
      ? {
          "needs nothing to be installed": () => standsAlone(dir),
          "is as small as it promises": () => run("pnpm", ["exec", "size-limit"], { cwd: source })
        }
      : { "leaves effect to the application": () => effectIsPeer(dir) }),
    "has ranges that npm can resolve": () => installable(dir),
    "has source maps that lead to sources in it": () => mapsResolve(dir)
  }
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [`${basename(tarball)} ${name}`, check]))
}

const work = mkdtempSync(join(tmpdir(), "packages-"))
try {
  const cases: Array<Cases> = []
  for (const packed of await packAll(work)) cases.push(await casesOf(packed))
  await runCases("packages", Object.assign({}, ...cases) as Cases)
} finally {
  rmSync(work, { recursive: true })
}
