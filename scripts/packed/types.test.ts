// The types of the tarballs in the versions of TypeScript and with the options that docs/runtimes.md names.
import { cpSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { describe, expect } from "vitest"
import { it as base } from "./fixtures.ts"
import { peersOfProject, tarballs } from "./installProject.ts"
import { Project } from "./Project.ts"

const dom = ["dom", "dom.iterable"]
const resolutions = {
  bundler: { module: "esnext", moduleResolution: "bundler" },
  node16: { module: "node16", moduleResolution: "node16" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" }
}

/** The oldest version for `tokenkeep`, the oldest for `@tokenkeep/*` and for CommonJS, and the newest of each major. */
const newer = ["5.7.3", "5.8.3", "5.9.3", "6.0.3", "7.0.2"]
const oldest = "5.4.5"

const compilers = (...versions: ReadonlyArray<string>) =>
  versions.map((version) => `typescript-${version}@npm:typescript@${version}`)

const projectIn = (directory: string): Project => {
  cpSync(join(import.meta.dirname, "programs/types"), directory, { recursive: true })
  return new Project(directory)
}

const it = base
  .extend("current", { scope: "file" }, ({ work }) =>
    projectIn(join(work, "types")).install(
      ...compilers(...newer),
      ...peersOfProject,
      "@types/bun@1.4.5",
      "@types/node@26",
      ...Object.values(tarballs)
    )
  )
  // Newer types of Node need a newer TypeScript.
  .extend("old", { scope: "file" }, ({ work }) =>
    projectIn(join(work, "types-old")).install(
      ...compilers(oldest),
      ...peersOfProject.filter((peer) => !peer.startsWith("effect@")),
      "@types/node@20",
      tarballs["tokenkeep"] ?? ""
    )
  )

interface Case {
  readonly version: string
  readonly resolution: keyof typeof resolutions
  readonly lib?: ReadonlyArray<string>
  readonly types?: string
  readonly files: ReadonlyArray<string>
}

const both = ["tokenkeep.ts", "packages.ts"]

// Pairs instead of all combinations. Effect's own declarations need the types of a browser.
const cases: ReadonlyArray<Case> = [
  { version: oldest, resolution: "bundler", lib: dom, files: ["tokenkeep.ts"] },
  { version: oldest, resolution: "node16", files: ["tokenkeep.ts"] },
  { version: oldest, resolution: "bundler", lib: dom, types: "none", files: ["browser.ts"] },
  { version: "5.7.3", resolution: "nodenext", lib: dom, files: both },
  { version: "5.8.3", resolution: "nodenext", files: ["tokenkeep.cts"] },
  { version: "5.9.3", resolution: "bundler", files: ["tokenkeep.ts"] },
  { version: "6.0.3", resolution: "node16", lib: dom, files: both },
  { version: "7.0.2", resolution: "nodenext", lib: dom, files: [...both, "tokenkeep.cts"] },
  { version: "7.0.2", resolution: "bundler", lib: dom, files: both },
  { version: "7.0.2", resolution: "node16", files: ["tokenkeep.ts"] },
  { version: "7.0.2", resolution: "bundler", types: "bun", files: ["tokenkeep.ts"] },
  { version: "7.0.2", resolution: "bundler", lib: dom, types: "none", files: ["browser.ts"] }
]

const compile = async (project: Project, { version, resolution, lib = [], types = "node", files }: Case) => {
  const compilerOptions = {
    ...resolutions[resolution],
    target: "es2022",
    lib: ["es2022", ...(types === "none" ? [] : ["esnext.disposable"]), ...lib],
    types: types === "none" ? [] : [types],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true
  }
  project.write("tokenkeep.cts", project.read("tokenkeep.ts"))
  project.write("tsconfig.json", JSON.stringify({ compilerOptions, files }))
  await project.run(process.execPath, `node_modules/typescript-${version}/bin/tsc`, "-p", "tsconfig.json")
}

describe("the types", () => {
  for (const one of cases) {
    const { version, resolution, lib, types = "node", files } = one
    const title = `${files.join(" ")}, ${resolution}, ${lib === undefined ? "no dom" : "dom"}, types of ${types}`
    if (version === oldest) it(`TypeScript ${version}: ${title}`, ({ old }) => compile(old, one))
    else it(`TypeScript ${version}: ${title}`, ({ current }) => compile(current, one))
  }
})

const commonJs = `
const { createDeeply } = require("tokenkeep")
const { startFakeDeeply } = require("tokenkeep/testing")
const main = async () => {
  const server = await startFakeDeeply()
  const deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
  console.log((await deeply.fetch("/api/v1/events")).status)
  await deeply.dispose()
  await server.close()
}
main()
`

describe("CommonJS", () => {
  it.for(["node22", "node24", "node26"] as const)("require() works on %s", async (node, { old, tools }) => {
    old.write("main.cjs", commonJs)
    expect(await old.run(tools[node], "main.cjs")).toBe("200\n")
  })
})
