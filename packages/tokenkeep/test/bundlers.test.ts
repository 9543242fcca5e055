import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build as esbuild } from "esbuild"
import { rolldown } from "rolldown"
import { build as vite } from "vite"
import webpack from "webpack"
import { describe, expect, it, onTestFinished } from "vitest"

/** An application that imports one entry, below this package so that bundlers find `tokenkeep` by its name. */
const application = (entry: string) => {
  const results = join(import.meta.dirname, "../.vitest")
  mkdirSync(results, { recursive: true })
  const folder = mkdtempSync(join(results, "application-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const input = join(folder, "main.js")
  writeFileSync(input, `import * as entry from "${entry}"\nglobalThis.entry = entry\n`)
  return { folder, input }
}

const withEsbuild = (platform: "browser" | "neutral") => async (entry: string) => {
  const { input } = application(entry)
  const { outputFiles } = await esbuild({
    entryPoints: [input],
    platform,
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "silent"
  })
  return outputFiles[0]!.text
}

const withRolldown = (platform: "browser" | "neutral") => async (entry: string) => {
  const bundle = await rolldown({
    input: application(entry).input,
    platform,
    // rolldown warns about a module that it cannot find, and leaves the import in the output.
    onLog: (_, { message }) => {
      throw new Error(message)
    }
  })
  const { output } = await bundle.generate({ codeSplitting: false })
  return output[0].code
}

const withVite = async (entry: string) => {
  const { folder, input } = application(entry)
  const output = await vite({
    root: folder,
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: false, lib: { entry: input, formats: ["es"] } }
  })
  const [{ output: chunks }] = output as unknown as [{ output: ReadonlyArray<{ code: string; fileName: string }> }]
  const code = chunks.map((chunk) => chunk.code).join("\n")
  // Vite puts an empty module in the place of one of Node.
  if (code.includes("__vite-browser-external")) throw new Error("node: modules are missing")
  return code
}

const withWebpack = async (entry: string) => {
  const { folder, input } = application(entry)
  const compiler = webpack({
    mode: "development",
    devtool: false,
    target: "web",
    context: folder,
    entry: input,
    output: { path: folder, filename: "out.js" },
    optimization: { splitChunks: false },
    plugins: [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })]
  })
  const run = Promise.withResolvers<void>()
  compiler.run((error, stats) => {
    const problem = error ?? stats?.compilation.errors[0]
    if (problem) run.reject(problem)
    else run.resolve()
  })
  await run.promise
  return readFileSync(join(folder, "out.js"), "utf8")
}

describe.each([
  ["esbuild for a browser", withEsbuild("browser")],
  ["esbuild for any platform", withEsbuild("neutral")],
  ["rolldown for a browser", withRolldown("browser")],
  ["rolldown for any platform", withRolldown("neutral")],
  ["Vite", withVite],
  ["webpack for a browser", withWebpack]
])("%s", (_, bundle) => {
  it("bundles the main entry without a module of Node", async () => {
    const code = await bundle("tokenkeep")
    expect(code).toContain("TokenkeepError")
    expect(code).not.toMatch(/(?:from|import|require)[\s(]*["']node:/)
  })

  it("reports the modules of Node that tokenkeep/file needs", async () => {
    await expect(bundle("tokenkeep/file")).rejects.toThrow(/node:/)
  })
})
