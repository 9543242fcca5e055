// Bundles the client with effect into dist/, and its types into declarations that name neither.
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build, type Plugin } from "rolldown"
import { dts } from "rolldown-plugin-dts"

const here = import.meta.dirname

/** Modules of the workspace that the bundle has its own of: they end in the one, and are replaced by the other. */
const standIns: Readonly<Record<string, string>> = {
  "core/src/Telemetry.ts": "src/bundle/Telemetry.ts",
  "core/src/internal/docsPage.ts": "src/bundle/docsPage.ts",
  "deeply/src/wire.ts": "src/bundle/wire.ts"
}

const replaced = new Set<string>()

const withStandIns: Plugin = {
  name: "stand-ins",
  load(id) {
    const module = Object.keys(standIns).find((end) => id.endsWith(`/${end}`))
    if (module === undefined) return undefined
    replaced.add(module)
    return { code: readFileSync(join(here, standIns[module]!), "utf8"), moduleType: "ts" }
  },
  buildEnd() {
    const missed = Object.keys(standIns).filter((module) => !replaced.has(module))
    if (missed.length > 0) throw new Error(`nothing imports ${missed.join(", ")} any more`)
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
