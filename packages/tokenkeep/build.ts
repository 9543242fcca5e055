// Bundles the client with effect into dist/, and its types into declarations that name neither.
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build, type Plugin } from "rolldown"
import { dts } from "rolldown-plugin-dts"

const here = import.meta.dirname

/** Modules that the bundle has its own of: they end in the one, and are replaced by the other. */
const standIns: Readonly<Record<string, string>> = {
  "core/src/Telemetry.ts": "src/bundle/Telemetry.ts",
  "core/src/internal/docsPage.ts": "src/bundle/docsPage.ts",
  "deeply/src/wire.ts": "src/bundle/wire.ts",
  "effect/dist/Effect.js": "src/bundle/Effect.ts",
  "effect/dist/Equal.js": "src/bundle/Equal.ts",
  "effect/dist/Formatter.js": "src/bundle/Formatter.ts",
  "effect/dist/Hash.js": "src/bundle/Hash.ts"
}

/** A stand-in itself gets the module that it stands for. One that is no longer shipped stands for nothing any more. */
const withStandIns: Plugin = {
  name: "stand-ins",
  async resolveId(source, importer, options) {
    const resolved = await this.resolve(source, importer, options)
    const module = Object.keys(standIns).find((end) => resolved?.id.endsWith(`/${end}`))
    if (module === undefined) return resolved
    const standIn = join(here, standIns[module]!)
    return importer === standIn ? resolved : standIn
  },
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? Object.entries(file.modules) : []))
    const shipped = new Set(modules.filter(([, { renderedLength }]) => renderedLength > 0).map(([id]) => id))
    const idle = Object.keys(standIns).filter((module) => !shipped.has(join(here, standIns[module]!)))
    if (idle.length > 0) throw new Error(`nothing uses ${idle.join(", ")} any more`)
  }
}

/** The lines of effect's own modules lead nowhere: their text would be most of what is shipped. */
const withoutMapsOfEffect: Plugin = {
  name: "without-maps-of-effect",
  transform: (code, id) => (id.includes("/effect/dist/") ? { code, map: { mappings: "" } } : undefined)
}

rmSync(join(here, "dist"), { recursive: true, force: true })
await build({
  cwd: here,
  input: { index: "src/index.ts", testing: "src/testing.ts" },
  platform: "neutral",
  external: /^node:/,
  resolve: { conditionNames: ["@tokenkeep/source", "import", "default"] },
  plugins: [withStandIns, withoutMapsOfEffect],
  // What a stand-in lacks would be undefined.
  onLog: (level, log, tell) => tell(log.code === "IMPORT_IS_UNDEFINED" ? "error" : level, log),
  output: {
    dir: "dist",
    minify: true,
    comments: false,
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: {
      groups: [
        { name: "files", test: /\/storage\/file\/src\// },
        {
          name: "engine",
          test: /rolldown\/runtime|\/effect\/dist\/|\/(?:core|deeply|memory|fetch|tokenkeep)\/src\/(?!testing|index\.ts)/,
          priority: 1
        }
      ]
    }
  }
})

/** What examples of other packages show is done with those packages. */
const withoutForeignExamples = (declarations: string): string =>
  declarations
    .replaceAll(/\n *\* @example\n(?: *\*(?!\/| @).*\n)*/g, (example) =>
      example.includes("@tokenkeep/") ? "\n" : example
    )
    .replaceAll(/\n *\*(?=\n *\*\/)/g, "")

await build({
  cwd: here,
  input: { index: "./.declarations/index.d.ts", testing: "./.declarations/testing.d.ts" },
  external: /^(?:effect\/|node:)/,
  plugins: [
    dts({ dtsInput: true, emitDtsOnly: true, generator: "oxc", tsconfig: false, sourcemap: false }),
    { name: "without-foreign-examples", renderChunk: withoutForeignExamples }
  ],
  output: { dir: "dist", chunkFileNames: "[name].js" }
})

/** The licences of what is bundled in ask to come along. */
const effect = join(here, "node_modules/effect")
const { name, version } = JSON.parse(readFileSync(join(effect, "package.json"), "utf8")) as Record<string, string>
writeFileSync(
  join(here, "THIRD-PARTY-LICENSES.txt"),
  `This package contains ${name} ${version}:\n\n${readFileSync(join(effect, "LICENSE"), "utf8")}`
)
