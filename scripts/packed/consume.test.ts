// The tarballs in projects of newcomers: on every supported Node, with strict TypeScript, with both ends of the range of
// effect, and beside a second copy of effect.
import { readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect } from "vitest"
import { freePort } from "../../test/redis/src/freePort.ts"
import { examplesOf, matches } from "../../test/docs/Examples.ts"
import { parsePage } from "../../test/docs/Markdown.ts"
import { root } from "../root.ts"
import { it as base } from "./fixtures.ts"
import { tarballs } from "./installProject.ts"
import { peerVersions } from "./peers/peerVersions.ts"
import { Project } from "./Project.ts"

const oldestEffect = `effect@${(await peerVersions("effect"))[0]}`
const { tokenkeep: bundle = "", ...packages } = tarballs

const programOf = (name: string): string => readFileSync(join(import.meta.dirname, "programs", name), "utf8")
const renewal = programOf("renewal.js")
const renewalWithBundle = renewal.replaceAll("@tokenkeep/deeply", "tokenkeep")

const prints = async (project: Project, node: string, program: string, lines: ReadonlyArray<string>): Promise<void> => {
  project.write("main.js", program)
  expect((await project.run(node, "main.js")).trimEnd().split("\n")).toEqual(lines)
}
const renews = (project: Project, node: string, program = renewal) => prints(project, node, program, ["200", "2 2"])

const nodenext = { module: "nodenext" }
/** The usual project for Node: without the types of a browser, which give fetch more names. */
const withoutDom = {
  ...nodenext,
  lib: ["es2024", "esnext.disposable"],
  typeRoots: [join(root, "node_modules/@types")],
  types: ["node"]
}
/** A parameter whose type is missing would take anything. */
const withWrongRequest = `
// @ts-expect-error A request is not a number.
void deeply.fetch(42)
// @ts-expect-error Headers are not a number.
server.script([{ status: 503, headers: 42 }])
`
const withWrongEffect = `
import { Deeply } from "@tokenkeep/deeply"
// @ts-expect-error A request is not a number.
export const wrong = Deeply.use((client) => client.request(42))
`
const bundler = { module: "esnext", moduleResolution: "bundler" }

const compiles = async (project: Project, compilerOptions: object, program = renewal): Promise<void> => {
  const strict = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true
  }
  project.write("main.ts", program)
  project.write(
    "tsconfig.json",
    JSON.stringify({ compilerOptions: { ...strict, ...compilerOptions }, files: ["main.ts"] })
  )
  await project.run(join(root, "node_modules/.bin/tsc"), "-p", "tsconfig.json")
}

/** The commands with which docs/versions.md installs the packages before they are published. */
const installs = readFileSync(join(root, "docs/versions.md"), "utf8").match(/^npm install .+$/gm) ?? []

const it = base
  .extend("oldest", { scope: "file" }, ({ work }) =>
    new Project(join(work, "oldest")).install(oldestEffect, ...Object.values(packages))
  )
  .extend("alone", { scope: "file" }, async ({ work }) => {
    // For its pages: a free port, and a folder for files.
    const env = { PORT: String(await freePort()), XDG_STATE_HOME: join(work, "state"), NODE_NO_WARNINGS: "1" }
    return new Project(join(work, "alone"), {}, env).install(bundle)
  })

const nodes = ["node22", "node24", "node26"] as const

describe("the packages with the newest effect", () => {
  it("npm installs them", ({ project }) => project.run("npm", "ls"))
  it.for(nodes)("run on %s", (node, { project, tools }) => renews(project, tools[node]))
  it("compile with module nodenext", ({ project }) => compiles(project, nodenext))
  it("compile for a bundler", ({ project }) => compiles(project, bundler))
  // effect's own declarations need the types of a browser.
  it("compile without lib dom", ({ project }) =>
    compiles(project, { ...withoutDom, skipLibCheck: true }, renewal + withWrongRequest + withWrongEffect))
})

describe(`the packages with ${oldestEffect}`, () => {
  it("npm installs them", ({ oldest }) => oldest.run("npm", "ls"))
  it("run", ({ oldest, tools }) => renews(oldest, tools.node26))
  it("compile with module nodenext", ({ oldest }) => compiles(oldest, nodenext))
})

describe("the packages beside a library with a copy of effect of its own", () => {
  it("npm installs that copy", async ({ project }) => {
    expect(await project.run("npm", "ls", "effect", "--parseable")).toContain("vault/node_modules/effect")
  })
  it("report a value of that copy as CONFIG_INVALID, and work otherwise", ({ project, tools }) => {
    const refused = "true CONFIG_INVALID apiKey true"
    return prints(project, tools.node26, programOf("secondEffect.js"), [refused, refused, "200"])
  })
})

describe("tokenkeep", () => {
  it("npm installs it", ({ alone }) => alone.run("npm", "ls"))
  it("brings nothing else", async ({ alone }) => {
    const listed = await alone.run("npm", "ls", "--all", "--parseable")
    expect(listed.split("\n").filter((line) => line.includes("node_modules"))).toHaveLength(1)
  })
  it.for(["node22", "node24"] as const)("runs on %s", (node, { alone, tools }) =>
    renews(alone, tools[node], renewalWithBundle)
  )
  it.for(["README.md", "docs/errors.md"])(
    "runs each example of its %s on node22 as it is",
    async (page, { alone, tools }) => {
      const { blocks } = parsePage(alone.read(`node_modules/tokenkeep/${page}`))
      const examples = examplesOf(blocks.map((block) => ({ ...block, source: page, document: page })))
      expect(examples).not.toEqual([])
      for (const { expected, program } of examples) {
        alone.write("example.ts", program)
        const printed = (await alone.run(tools.node22, "example.ts")).trim()
        const wrong = expected.filter((lines) => !matches(printed === "" ? [] : printed.split("\n"), lines))
        expect(wrong.map((lines) => ({ lines, printed }))).toEqual([])
      }
    }
  )
  it("compiles with module nodenext", ({ alone }) => compiles(alone, nodenext, renewalWithBundle))
  it("compiles for a bundler", ({ alone }) => compiles(alone, bundler, renewalWithBundle))
  it("compiles without lib dom", ({ alone }) => compiles(alone, withoutDom, renewalWithBundle + withWrongRequest))
})

describe("docs/versions.md", () => {
  it("has a command for each API", () => expect(installs).toHaveLength(2))
  it.for(installs)("%s", async (command, { tools, work }) => {
    const isBundle = !command.includes("tokenkeep-core")
    const beside = join(work, isBundle ? "beside-bundle" : "beside-packages")
    const project = new Project(join(beside, "application"))
    symlinkSync(root, join(beside, "tokenkeep"))
    await project.run("sh", "-c", command)
    await renews(project, tools.node26, isBundle ? renewalWithBundle : renewal)
  })
})
