// Prints what each entry adds to an application: bundled, minified and gzipped as the application would do it. Fails
// above a limit. Run it after a build.
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { type OutputChunk, rolldown } from "rolldown"

/**
 * The most bytes that may be loaded when the entries are imported. An entry with a name after a colon stands for an
 * application that imports this name alone: without a pool, the code of pools is left out.
 */
const limits: Readonly<Record<string, number>> = {
  "index:createDeeply": 51_200,
  "index:createDeeplyPool": 52_900,
  index: 53_600,
  "index file": 60_100,
  "index redis": 62_200,
  "index ky": 54_200,
  "index undici": 57_800,
  "index opentelemetry": 55_100,
  "oauth2:createOAuth2": 62_000,
  oauth2: 64_400,
  testing: 8_800
}

const application = (entries: ReadonlyArray<string>) => ({
  name: "application",
  resolveId: (id: string) => (id === "application" ? id : null),
  load: (id: string) =>
    id === "application"
      ? entries
          .map((entry) => entry.split(":"))
          .map(([entry, name]) => {
            const file = join(import.meta.dirname, "dist", `${entry}.js`)
            return `export ${name === undefined ? "*" : `{ ${name} }`} from "${file}"`
          })
          .join("\n")
      : null
})

const chunksOf = async (entries: ReadonlyArray<string>): Promise<ReadonlyArray<OutputChunk>> => {
  const bundle = await rolldown({
    input: "application",
    external: /^(?:node:.*|ky|undici|redis|@opentelemetry\/api)$/,
    plugins: [application(entries)]
  })
  const { output } = await bundle.generate({ minify: true })
  await bundle.close()
  return output.filter((file) => file.type === "chunk")
}

const sizeOf = (chunks: ReadonlyArray<OutputChunk>): number =>
  chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0)

for (const [entries, limit] of Object.entries(limits)) {
  const chunks = await chunksOf(entries.split(" "))
  const atImport = sizeOf(chunks.filter(({ isDynamicEntry }) => !isDynamicEntry))
  console.log(
    `${entries.padEnd(22)} ${atImport} of at most ${limit} bytes; ${sizeOf(chunks)} with what loads on first use`
  )
  if (atImport > limit) process.exitCode = 1
}
