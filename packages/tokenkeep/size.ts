// Prints what each entry adds to an application: bundled, minified and gzipped as the application would do it. Fails
// above a limit. Run it after a build.
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { type OutputChunk, rolldown } from "rolldown"

/** The most bytes that may be loaded when the entries are imported. */
const limits: Readonly<Record<string, number>> = {
  index: 46_100,
  "index file": 51_500,
  "index redis": 54_700,
  "index ky": 46_700,
  "index undici": 50_000,
  oauth2: 56_500,
  testing: 8_600
}

const application = (entries: ReadonlyArray<string>) => ({
  name: "application",
  resolveId: (id: string) => (id === "application" ? id : null),
  load: (id: string) =>
    id === "application"
      ? entries.map((entry) => `export * from "${join(import.meta.dirname, "dist", entry)}.js"`).join("\n")
      : null
})

const chunksOf = async (entries: ReadonlyArray<string>): Promise<ReadonlyArray<OutputChunk>> => {
  const bundle = await rolldown({
    input: "application",
    external: /^(?:node:.*|ky|undici|redis)$/,
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
    `${entries.padEnd(14)} ${atImport} of at most ${limit} bytes; ${sizeOf(chunks)} with what loads on first use`
  )
  if (atImport > limit) process.exitCode = 1
}
