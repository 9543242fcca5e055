// `pnpm rehearsal`: two releases of a copy of this repository to an npm registry on loopback, and a newcomer with each
// client who installs the packages by name, runs the program of their README, upgrades, and runs it again.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { type Cases, runCases } from "./cases.ts"
import { type Manifest, publicPackages } from "./publicPackages.ts"
import { type Client, clientsOf, firstProgram, Newcomer } from "./rehearsal/Newcomer.ts"
import { startRegistry } from "./rehearsal/registry.ts"
import { type Change, RepositoryCopy } from "./rehearsal/RepositoryCopy.ts"
import { root } from "./root.ts"
import { installTools } from "./tools.ts"

/** What newcomers start with. Other packages come along as dependencies of these. */
const firstPackages: Readonly<Record<string, ReadonlyArray<string>>> = {
  "@tokenkeep/deeply": ["@tokenkeep/deeply", "effect"],
  tokenkeep: ["tokenkeep"]
}

const changes: Readonly<Record<string, Change>> = {
  "clearer-refusal": {
    bump: "patch",
    packages: ["@tokenkeep/core"],
    text: "The message of `KEY_MALFORMED` names the character that an API key may not hold."
  },
  "longer-patience": {
    bump: "minor",
    packages: ["@tokenkeep/core", "@tokenkeep/deeply", "tokenkeep"],
    text: "`patience` takes `Infinity`, for batch jobs that would rather wait than fail."
  },
  "one-host-option": {
    bump: "major",
    packages: ["@tokenkeep/deeply", "tokenkeep"],
    text: "**`DEEPLY_HOST` is read no more.** Pass `host` instead: `createDeeply({ host: edge(address) })`."
  }
}

const isAt = (found: string, expected: string): void => {
  if (found !== expected) throw new Error(`it is ${found}, not ${expected}`)
}

const holds = (text: string, ...parts: ReadonlyArray<string>): void => {
  const missing = parts.filter((part) => !text.includes(part))
  if (missing.length > 0)
    throw new Error(`it lacks ${missing.map((part) => JSON.stringify(part)).join(", ")}:\n${text}`)
}

const packages = publicPackages().map(({ dir, manifest: { name } }) => ({ name, directory: relative(root, dir) }))
const starts = packages.filter(({ name }) => name in firstPackages)
const work = realpathSync(mkdtempSync(join(tmpdir(), "rehearsal-")))
const started = performance.now()
const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`

const tools = await installTools(join(work, "tools"))
console.log(`the registry and the runtimes are installed after ${seconds(started)}`)

await using registry = await startRegistry(tools.verdaccio, join(work, "registry"))
const copy = await RepositoryCopy.make(join(work, "repository"), registry)
console.log(`the copy is made after ${seconds(started)}`)

const table: Array<Record<string, string>> = []
const released = { first: "", second: "" }

/** One newcomer: their start on the first release, and their upgrade to the second. */
const storyOf = (client: Client, { name, directory }: (typeof starts)[number]): { start: Cases; upgrade: Cases } => {
  const newcomer = new Newcomer(join(work, `${client.name} ${name}`.replaceAll(/\W+/g, "-")), client, registry)
  const program = firstProgram(join(root, directory, "README.md"))
  const row: Record<string, string> = { client: client.name, package: name }
  const isInstalled = (version: string): void =>
    isAt((JSON.parse(newcomer.installed(name, "package.json")) as Manifest).version, version)

  const start = async (): Promise<void> => {
    const since = performance.now()
    table.push(row)
    await newcomer.add(...firstPackages[name]!)
    isInstalled(released.first)
    await newcomer.runs(program)
    row["first release"] = `${released.first} in ${seconds(since)}`
  }
  const stays = async (): Promise<void> => {
    await newcomer.add(`${name}@^${released.first}`)
    isInstalled(released.first)
  }
  const upgrade = async (): Promise<void> => {
    const since = performance.now()
    await newcomer.add(`${name}@latest`)
    isInstalled(released.second)
    await newcomer.runs(program)
    row["second release"] = `${released.second} in ${seconds(since)}`
  }
  const reads = (): void =>
    holds(newcomer.installed(name, "CHANGELOG.md"), `## ${released.second}`, "### Major Changes", "read no more")

  return {
    start: { [`${client.name}: ${name} is installed by name and its README's program runs`]: start },
    upgrade: {
      [`${client.name}: ${name} stays before the major in its range`]: stays,
      [`${client.name}: ${name} is upgraded and the same program runs`]: upgrade,
      [`${client.name}: ${name} tells of the major in its changelog`]: reads
    }
  }
}

const stories = clientsOf(tools).flatMap((client) => starts.map((start) => storyOf(client, start)))

try {
  const cases = runCases("rehearsal", {
    "the first release is versioned, built and published": async () => {
      released.first = await copy.release()
    },
    "the first release has notes for every package": () => {
      const silent = packages.filter(({ directory }) =>
        copy.changelog(directory).includes("No changes in this release")
      )
      isAt(silent.map(({ name }) => name).join(" "), "")
    },
    ...Object.assign({}, ...stories.map(({ start }) => start)),
    "the second release, with a patch, a minor and a major, is published": async () => {
      for (const [id, change] of Object.entries(changes)) copy.addChange(id, change)
      released.second = await copy.release()
      isAt(released.second, "1.0.0")
    },
    ...Object.assign({}, ...stories.map(({ upgrade }) => upgrade)),
    "the release job's request for provenance is heeded": async () => {
      const setting = /(\w+_PROVENANCE): "true"/.exec(readFileSync(join(root, ".github/workflows/release.yml"), "utf8"))
      if (setting?.[1] === undefined) throw new Error("it asks for none")
      // Only the job's runner can attest where a package comes from.
      holds(await copy.publishWith({ [setting[1]]: "true" }), "PROVENANCE_UNSUPPORTED_PROVIDER")
    }
  })
  // Without the registry every other step fails too, for no reason of its own.
  await Promise.race([cases, registry.failure])
  console.table(table)
  console.table(await Promise.all(packages.map(({ name }) => registry.listed(name))))
  console.log(copy.changelog("packages/providers/deeply").split(`## ${released.first}`)[0])
} finally {
  rmSync(work, { recursive: true, force: true })
}
