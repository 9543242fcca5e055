import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { nodeResolve } from "@rollup/plugin-node-resolve"
import { build as esbuild } from "esbuild"
import { rolldown } from "rolldown"
import { rollup } from "rollup"
import { build as vite } from "vite"
import webpack from "webpack"
import { describe, expect, it, onTestFinished } from "vitest"

/** What wrangler resolves packages with. */
const worker = ["workerd", "worker", "browser"]

type Platform = "browser" | "neutral" | "node"

/** An application that imports entries, below this package so that bundlers find `tokenkeep` by its name. */
const application = (entries: ReadonlyArray<string>) => {
  const results = join(import.meta.dirname, "../.vitest")
  mkdirSync(results, { recursive: true })
  const folder = mkdtempSync(join(results, "application-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const input = join(folder, "main.js")
  const imports = entries.map((entry, index) => `import * as entry${index} from "${entry}"\n`)
  const names = entries.map((_, index) => `entry${index}`)
  writeFileSync(input, `${imports.join("")}globalThis.entries = [${names.join()}]\n`)
  return { folder, input }
}

const withEsbuild =
  (platform: Platform, conditions?: Array<string>) =>
  async (...entries: ReadonlyArray<string>) => {
    const { input } = application(entries)
    const { outputFiles } = await esbuild({
      entryPoints: [input],
      platform,
      ...(conditions && { conditions }),
      bundle: true,
      format: "esm",
      write: false,
      logLevel: "silent"
    })
    return outputFiles[0]!.text
  }

/** Rolldown and rollup warn about a module that they cannot find, and leave the import in the output. */
const onLog = (_: unknown, { message }: { readonly message: string }) => {
  throw new Error(message)
}

const withRolldown =
  (platform: Platform, conditionNames?: Array<string>) =>
  async (...entries: ReadonlyArray<string>) => {
    const bundle = await rolldown({
      input: application(entries).input,
      platform,
      resolve: conditionNames === undefined ? {} : { conditionNames: [...conditionNames, "import", "default"] },
      onLog
    })
    const { output } = await bundle.generate({ codeSplitting: false })
    return output[0].code
  }

const withRollup =
  (options: Parameters<typeof nodeResolve>[0]) =>
  async (...entries: ReadonlyArray<string>) => {
    const bundle = await rollup({ input: application(entries).input, plugins: [nodeResolve(options)], onLog })
    const { output } = await bundle.generate({ inlineDynamicImports: true })
    return output[0].code
  }

const withVite =
  (ssr?: object) =>
  async (...entries: ReadonlyArray<string>) => {
    const { folder, input } = application(entries)
    const output = await vite({
      root: folder,
      configFile: false,
      logLevel: "silent",
      ...(ssr && { ssr: { noExternal: true, ...ssr } }),
      build: {
        write: false,
        minify: false,
        ...(ssr ? { ssr: input } : { lib: { entry: input, formats: ["es"] } }),
        rolldownOptions: { output: { codeSplitting: false } }
      }
    })
    const [{ output: chunks }] = [output].flat() as unknown as [{ output: ReadonlyArray<{ code: string }> }]
    const code = chunks.map((chunk) => chunk.code).join("\n")
    // Vite puts an empty module in the place of one of Node.
    if (code.includes("__vite-browser-external")) throw new Error("node: modules are missing")
    return code
  }

const withWebpack =
  (target: "web" | "webworker" | "node", conditionNames?: Array<string>) =>
  async (...entries: ReadonlyArray<string>) => {
    const { folder, input } = application(entries)
    const compiler = webpack({
      mode: "development",
      devtool: false,
      target,
      context: folder,
      entry: input,
      resolve: conditionNames === undefined ? {} : { conditionNames: [...conditionNames, "import", "..."] },
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

/** Runs what a bundler made of an application. */
const load = async (code: string) => {
  const { folder } = application([])
  const file = join(folder, "out.mjs")
  writeFileSync(file, code.replaceAll(/^\/\/# sourceMappingURL=.*$/gm, ""))
  await import(/* @vite-ignore */ pathToFileURL(file).href)
  return (globalThis as unknown as { readonly entries: readonly [typeof import("tokenkeep")] }).entries
}

const moduleOfNode = /(?:from|import|require)[\s(]*["']node:/

/** These know no modules of Node. */
const withoutNode = [
  ["esbuild for a browser", withEsbuild("browser")],
  ["esbuild for any platform", withEsbuild("neutral")],
  ["esbuild for a worker", withEsbuild("browser", worker)],
  ["rolldown for a browser", withRolldown("browser")],
  ["rolldown for any platform", withRolldown("neutral")],
  ["rolldown for a worker", withRolldown("browser", worker)],
  ["rollup for a browser", withRollup({ browser: true, preferBuiltins: false })],
  ["rollup for any platform", withRollup({ preferBuiltins: false })],
  ["rollup for a worker", withRollup({ browser: true, exportConditions: worker, preferBuiltins: false })],
  ["Vite for a browser", withVite()],
  ["webpack for a browser", withWebpack("web")],
  ["webpack for a worker", withWebpack("webworker", worker)]
] as const

/** These leave the modules of Node to the runtime. */
const withNode = [
  ["Vite for a worker", withVite({ target: "webworker", resolve: { conditions: worker } })],
  ["esbuild for Node", withEsbuild("node")],
  ["rolldown for Node", withRolldown("node")],
  ["rollup for Node", withRollup({ exportConditions: ["node"] })],
  ["Vite for Node", withVite({})],
  ["webpack for Node", withWebpack("node")]
] as const

describe.each([...withoutNode, ...withNode])("%s", (_, bundle) => {
  it("bundles tokenkeep and tokenkeep/ky without a module of Node, and they run", async () => {
    const code = await bundle("tokenkeep", "tokenkeep/ky")
    expect(code).not.toMatch(moduleOfNode)
    const [{ createDeeply }] = await load(code)
    const deeply = createDeeply({ apiKey: "sk-live-2f6c1d", host: "cloud" })
    expect(deeply.status().state).toBe("empty")
    await deeply.dispose()
  })
})

describe.each(withoutNode)("%s", (_, bundle) => {
  it("reports the modules of Node that tokenkeep/file needs", async () => {
    await expect(bundle("tokenkeep/file")).rejects.toThrow(/node:/)
  })
})

describe.each(withNode)("%s", (_, bundle) => {
  it("bundles tokenkeep/file with its modules of Node", async () => {
    expect(await bundle("tokenkeep/file")).toMatch(moduleOfNode)
  })
})
