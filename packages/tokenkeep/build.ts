// Bundles the client with effect into dist/, and its types into declarations that name no other package but peers.
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build, type Plugin } from "rolldown"
import { dts } from "rolldown-plugin-dts"

const here = import.meta.dirname
const packages = join(here, "..")
const entries = ["index", "file", "redis", "ky", "undici", "oauth2", "opentelemetry", "testing"]
const external = /^(?:node:.*|ky|undici|redis|ioredis|@opentelemetry\/api)$/

/** Modules that the bundle replaces. Each replacement says why. */
const standIns = new Map(
  Object.entries({
    "core/src/telemetry/effectTelemetry.ts": "src/bundle/effectTelemetry.ts",
    "core/src/errors/docsPage.ts": "src/bundle/docsPage.ts"
  }).map(([module, standIn]) => [join(packages, module), join(here, standIn)])
)

/** Fails the build if a replaced module was renamed or is no longer used. */
const withStandIns: Plugin = {
  name: "stand-ins",
  async resolveId(source, importer, options) {
    const resolved = await this.resolve(source, importer, options)
    return (resolved && standIns.get(resolved.id)) ?? resolved
  },
  buildEnd() {
    const loaded = new Set(this.getModuleIds())
    const unused = [...standIns.values()].filter((standIn) => !loaded.has(standIn))
    if (unused.length > 0) throw new Error(`The bundle does not use ${unused.join(", ")}.`)
  }
}

/** The source maps lead to the TypeScript of this repository. Effect's sources would triple their size. */
const withoutMapsOfEffect: Plugin = {
  name: "without-maps-of-effect",
  transform: (code, id) => (id.includes("/effect/dist/") ? { code, map: { mappings: "" } } : undefined)
}

rmSync(join(here, "dist"), { recursive: true, force: true })
await build({
  cwd: here,
  input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
  platform: "neutral",
  external,
  resolve: { conditionNames: ["@tokenkeep/source", "import", "default"] },
  plugins: [withStandIns, withoutMapsOfEffect],
  output: {
    dir: "dist",
    sourcemap: true,
    comments: { jsdoc: false },
    minifyInternalExports: false,
    chunkFileNames: "[name].js",
    // What two entries use is one chunk, so an application that imports both has one copy of its classes and its state.
    codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] }
  }
})

/** An example that imports another package does not fit this one. */
const withoutForeignExamples = (declarations: string): string =>
  declarations
    .replaceAll(/\n *\* @example\n(?: *\*(?!\/| @).*\n)*/g, (example) =>
      example.includes("@tokenkeep/") ? "\n" : example
    )
    .replaceAll(/\n *\*(?=\n *\*\/)/g, "")

/** A client is an `AsyncDisposable`: programs without the types of Node, and with an old `lib`, do not know it. */
const withDisposable = (declarations: string): string =>
  declarations.includes("AsyncDisposable") ? `/// <reference lib="esnext.disposable" />\n${declarations}` : declarations

await build({
  cwd: here,
  input: Object.fromEntries(entries.map((entry) => [entry, `./.declarations/${entry}.d.ts`])),
  external: [/^effect\//, external],
  plugins: [
    dts({ dtsInput: true, emitDtsOnly: true, generator: "oxc", tsconfig: false, sourcemap: false }),
    { name: "without-foreign-examples", renderChunk: (code) => withDisposable(withoutForeignExamples(code)) }
  ],
  output: { dir: "dist", chunkFileNames: "[name].js" }
})

/** What a library's licence requires: that its text is distributed with the code. */
const licenceOf = (library: string, file: string): string => {
  const directory = join(here, "node_modules", library)
  const { name, version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Record<string, string>
  return `This package contains ${name} ${version}:\n\n${readFileSync(join(directory, file), "utf8")}`
}

writeFileSync(
  join(here, "THIRD-PARTY-LICENSES.txt"),
  [licenceOf("effect", "LICENSE"), licenceOf("oauth4webapi", "LICENSE.md")].join("\n")
)
