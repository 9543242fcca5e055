// Packs each public package and checks the tarball as a consumer would meet it.
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { type Cases, runCases } from "./cases.ts"
import { packAll, readManifest } from "./publicPackages.ts"
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

const installable = (dir: string): void => {
  const { dependencies, peerDependencies } = readManifest(dir)
  const ranges = Object.entries({ ...dependencies, ...peerDependencies })
  nothing(
    ranges.filter(([, range]) => /^(workspace|link|file|catalog):/.test(range)).map(([name]) => name),
    "ranges that npm cannot resolve"
  )
}

const unresolvedSources = (dir: string, map: string): ReadonlyArray<string> => {
  const { sources } = JSON.parse(readFileSync(join(dir, map), "utf8")) as { sources: ReadonlyArray<string> }
  return sources.map((source) => join(dirname(map), source)).filter((source) => !existsSync(join(dir, source)))
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

const casesOf = async (tarball: string): Promise<Cases> => {
  const dir = await unpack(tarball)
  const checks: Cases = {
    "publint finds nothing": () => run("publint", ["--strict", tarball]),
    "its types resolve": () => run("attw", [tarball, "--profile", "esm-only", "--format", "ascii", "--no-emoji"]),
    "holds no test": () => noTests(dir),
    "holds its licence, its README and the page on errors": () => pagesPresent(dir),
    "ships its changelog": () => shipsItsChangelog(dir),
    "leaves effect to the application": () => effectIsPeer(dir),
    "has ranges that npm can resolve": () => installable(dir),
    "has source maps that lead to sources in it": () => mapsResolve(dir)
  }
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [`${basename(tarball)} ${name}`, check]))
}

const work = mkdtempSync(join(tmpdir(), "packages-"))
try {
  const cases: Array<Cases> = []
  for (const tarball of await packAll(work)) cases.push(await casesOf(tarball))
  await runCases("packages", Object.assign({}, ...cases) as Cases)
} finally {
  rmSync(work, { recursive: true })
}
