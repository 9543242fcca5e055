// Two releases of a copy of this repository to an npm registry on loopback. After the first, newcomers with each package
// manager install the packages by name and run the program of their README; after the second, they upgrade.
import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { describe, expect } from "vitest"
import { publicPackages } from "../publicPackages.ts"
import { root } from "../root.ts"
import { it as base } from "./fixtures.ts"
import { Newcomer } from "./rehearsal/Newcomer.ts"
import { RepositoryCopy } from "./rehearsal/RepositoryCopy.ts"
import { startRegistry } from "./rehearsal/startRegistry.ts"

const changesets = {
  "clearer-message": `---
"@tokenkeep/core": patch
---

The message of \`KEY_MALFORMED\` names the character that an API key may not contain.
`,
  "longer-wait": `---
"@tokenkeep/core": minor
"@tokenkeep/deeply": minor
"tokenkeep": minor
---

A client can wait for a token without a limit, for batch jobs that would rather wait than fail.
`,
  "one-host-option": `---
"@tokenkeep/deeply": major
"tokenkeep": major
---

**\`DEEPLY_HOST\` is no longer read.** Pass \`host\` instead: \`createDeeply({ host: edge(address) })\`.
`
}

// pnpm and Deno would not install packages that were published less than a day ago.
const clients = [
  { client: "Node, npm", add: "npm install --no-audit --no-fund --prefer-online", start: "node26" },
  { client: "Node, pnpm", add: "pnpm add --config.minimumReleaseAge=0", start: "node26" },
  { client: "Deno", add: "deno add --quiet --minimum-dependency-age=0 --npm", start: "deno run --allow-all" },
  { client: "Bun", add: "bun add --no-cache", start: "bun run" }
]

/** The packages that newcomers start with. Others come along as dependencies. */
const starts = [
  { name: "@tokenkeep/deeply", installs: ["@tokenkeep/deeply", "effect"], directory: "packages/providers/deeply" },
  { name: "tokenkeep", installs: ["tokenkeep"], directory: "packages/tokenkeep" }
]

const newcomers = clients.flatMap((client) =>
  starts.map((start) => ({ ...client, ...start, title: `${client.client}: ${start.name}` }))
)

const packages = publicPackages().map(({ dir, manifest: { name } }) => ({ name, directory: relative(root, dir) }))

const it = base
  .extend("registry", { scope: "file" }, async ({ tools, work }, { onCleanup }) => {
    const registry = await startRegistry(tools.verdaccio, join(work, "registry"))
    onCleanup(registry.close)
    return registry
  })
  .extend("copy", { scope: "file" }, ({ registry, work }) =>
    new RepositoryCopy(join(work, "repository"), registry).install()
  )
  .extend("newcomerOf", { scope: "file" }, ({ registry, tools, work }) => {
    const made = new Map(newcomers.map((start) => [start, new Newcomer(work, start, registry, tools)]))
    return (start: (typeof newcomers)[number]) => made.get(start)!
  })

const released = { first: "", second: "" }

describe("the first release", () => {
  it("is versioned, built and published", async ({ copy }) => {
    released.first = await copy.release()
  })
  it("has notes for every package", ({ copy }) => {
    const silent = packages.filter(({ directory }) => copy.changelog(directory).includes("No changes in this release"))
    expect(silent).toEqual([])
  })
  it.for(newcomers)("$title is installed by name and its README's program runs", async (start, { newcomerOf }) => {
    expect(await newcomerOf(start).add(...start.installs)).toBe(released.first)
    await newcomerOf(start).runReadme()
  })
})

describe("the second release", () => {
  it("is published, with a patch, a minor and a major", async ({ copy }) => {
    for (const [id, text] of Object.entries(changesets)) copy.addChangeset(id, text)
    released.second = await copy.release()
    expect(released.second).toBe("1.0.0")
  })
  it.for(newcomers)("$title stays before the major in its range", async (start, { newcomerOf }) => {
    expect(await newcomerOf(start).add(`${start.name}@^${released.first}`)).toBe(released.first)
  })
  it.for(newcomers)("$title is upgraded and the same program runs", async (start, { newcomerOf }) => {
    expect(await newcomerOf(start).add(`${start.name}@latest`)).toBe(released.second)
    await newcomerOf(start).runReadme()
  })
  it.for(newcomers)("$title describes the major in its changelog", (start, { newcomerOf }) => {
    const changelog = newcomerOf(start).installed("CHANGELOG.md")
    for (const part of [`## ${released.second}`, "### Major Changes", "no longer read"])
      expect(changelog).toContain(part)
  })
})

it("the release job's request for provenance is effective", async ({ copy }) => {
  const workflow = readFileSync(join(root, ".github/workflows/release.yml"), "utf8")
  const [, setting = "none"] = /(\w+_PROVENANCE): "true"/.exec(workflow) ?? []
  // Only the job's runner can attest where a package comes from.
  await expect(copy.publish({ [setting]: "true" })).rejects.toThrow("PROVENANCE_UNSUPPORTED_PROVIDER")
})
