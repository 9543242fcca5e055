// Bundles the command with everything it needs into dist/: one package to install, and a fast start.
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { toJsonSchema } from "@valibot/to-json-schema"
import { build, type Plugin } from "rolldown"
import { Config } from "./src/profiles/Config.ts"

const here = import.meta.dirname

/** So that the page of an error is one that the user has. */
const docsOfThisPackage: Plugin = {
  name: "docs-of-this-package",
  transform: (code, id) =>
    id.endsWith("core/src/errors/docsPage.ts") ? code.replace("@tokenkeep/core/", "@tokenkeep/cli/") : undefined
}

rmSync(join(here, "dist"), { recursive: true, force: true })
const { output } = await build({
  cwd: here,
  input: "src/main.ts",
  platform: "node",
  external: /^(?:node:.*|@napi-rs\/keyring)$/,
  resolve: { conditionNames: ["@tokenkeep/source", "node", "import", "default"] },
  plugins: [docsOfThisPackage],
  // Node 22 has no `await using`.
  transform: { target: "node22.19" },
  output: {
    dir: "dist",
    chunkFileNames: "[name].js",
    comments: { jsdoc: false },
    minify: { mangle: false, compress: true, codegen: true }
  }
})

/** The packages whose modules are in the bundle, with the text that their licences require. */
const bundled = new Map<string, string>()
for (const chunk of output) {
  for (const id of chunk.type === "chunk" ? chunk.moduleIds : []) {
    const [, directory] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(id) ?? []
    if (directory !== undefined) bundled.set(directory, readFileSync(join(directory, "package.json"), "utf8"))
  }
}
const licences = Array.from(bundled, ([directory, manifest]) => {
  const { license, name, version } = JSON.parse(manifest) as Record<string, string>
  const [file] = globSync("{LICEN[CS]E,licen[cs]e}*", { cwd: directory })
  const text = file === undefined ? `${license} licence` : readFileSync(join(directory, file), "utf8")
  return `This package contains ${name} ${version}:\n\n${text}`
})
writeFileSync(join(here, "THIRD-PARTY-LICENSES.txt"), licences.toSorted().join("\n"))

// Editors complete and check a configuration that names this file as its $schema.
const schema = toJsonSchema(Config, {
  overrideSchema: ({ valibotSchema }) =>
    valibotSchema.type === "custom" ? { type: "string", pattern: ":", description: "The URI of a grant" } : undefined
})
writeFileSync(
  join(here, "tokenkeep.schema.json"),
  `${JSON.stringify({ title: "tokenkeep.config.json", ...schema }, undefined, 2)}\n`
)
