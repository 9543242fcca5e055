import { readFileSync } from "node:fs"
import { isAbsolute, join } from "node:path"
import { pathToFileURL } from "node:url"
import { rolldown } from "rolldown"
import { dts } from "rolldown-plugin-dts"
import { parseSync } from "rolldown/utils"
import { root } from "./root.ts"

type Entries = Readonly<Record<string, { readonly types?: string }>>

/** The file that records the exports of a package. */
export const recordOf = (name: string): URL =>
  pathToFileURL(join(root, "etc", `${name.replace("@tokenkeep/", "")}.api.d.ts`))

const withoutComments = (declarations: string): string => {
  const { comments } = parseSync("api.d.ts", declarations)
  return comments
    .toReversed()
    .reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), declarations)
    .replaceAll(
      /(?<=^export (?:type )?\{) (.*) (?=\};?$)/gm,
      (_, names: string) => `\n  ${names.replaceAll(", ", ",\n  ")}\n`
    )
    .replaceAll(/[ \t]+$/gm, "")
    .replaceAll(/\n{2,}/g, "\n")
    .trim()
}

/** The declarations that an entry exports, directly or through other modules. */
const declarationsOf = async (file: string): Promise<string> => {
  const bundle = await rolldown({
    input: file,
    external: (id, _, isResolved) => !isResolved && !id.startsWith(".") && !isAbsolute(id),
    plugins: [dts({ dtsInput: true, emitDtsOnly: true, generator: "oxc", tsconfig: false, sourcemap: false })]
  })
  const { output } = await bundle.generate()
  await bundle.close()
  return output.map((chunk) => (chunk.type === "chunk" ? withoutComments(chunk.code) : "")).join("\n")
}

/** What a built package exports, one entry after another. */
export const apiOf = async (dir: string): Promise<string> => {
  const { exports, name } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as {
    readonly name: string
    readonly exports: Entries
  }
  const parts: Array<string> = []
  for (const [entry, { types }] of Object.entries(exports)) {
    if (types === undefined) continue
    parts.push(`// ${entry.replace(".", name)}\n\n${await declarationsOf(join(dir, types))}\n`)
  }
  return parts.join("\n")
}
