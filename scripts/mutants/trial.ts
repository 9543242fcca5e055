import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root } from "../root.ts"
import type { Mutant } from "./Mutant.ts"

/** What the tests made of a mutant: the test that failed first, or nothing, or it could not even be loaded. */
export type Verdict =
  | { readonly _tag: "Killed"; readonly by: string }
  | { readonly _tag: "Survived" }
  | { readonly _tag: "Broken"; readonly why: string }

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly fullName: string }>
  }>
}

/** A mutant that loops keeps its tests busy without end, which is noticed as well; in milliseconds. */
const patience = 240_000

const verdictOf = ({ testResults }: Report): Verdict => {
  for (const { assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === "failed")
    if (failed !== undefined) return { _tag: "Killed", by: failed.fullName }
  }
  const unloaded = testResults.find(({ status }) => status === "failed")
  return unloaded === undefined ? { _tag: "Survived" } : { _tag: "Broken", why: unloaded.message }
}

/** Runs tests of one package of a copy, up to the first that fails; without any named, all. */
const test = async (copy: string, folder: string, files: ReadonlyArray<string>): Promise<Verdict> => {
  const report = join(copy, folder, ".vitest/mutant.json")
  await rm(report, { force: true })
  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  const args = [vitest, "run", "--bail=1", "--maxWorkers=1", "--reporter=json", `--outputFile=${report}`, ...files]
  const child = spawn(process.execPath, args, {
    cwd: join(copy, folder),
    stdio: "ignore",
    detached: true,
    // One life that breaks a promise is enough, however long it is; the same lives for every bug, so that runs compare.
    env: { ...process.env, MODEL_RUNS: "1000", MODEL_SEED: "1", MODEL_SHRINK: "no" }
  })
  const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), files.length === 0 ? patience * 5 : patience)
  const [, signal] = (await once(child, "close")) as [number | null, string | null]
  clearTimeout(timer)
  if (signal !== null) return { _tag: "Killed", by: `no end within ${patience / 1_000} s` }
  const text = await readFile(report, "utf8").catch(() => undefined)
  return text === undefined ? { _tag: "Broken", why: "vitest wrote no report" } : verdictOf(JSON.parse(text) as Report)
}

const packages = ["packages/core", "packages/providers/deeply"]

/** Runs the named tests, each package's at once; answers for the first that fail. */
export const testFiles = async (copy: string, files: ReadonlyArray<string>): Promise<Verdict> => {
  for (const folder of packages) {
    const own = files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1))
    const verdict: Verdict = own.length === 0 ? { _tag: "Survived" } : await test(copy, folder, own)
    if (verdict._tag !== "Survived") return verdict
  }
  return { _tag: "Survived" }
}

/** Runs every test of the packages that a mutant can break. */
export const testAll = async (copy: string): Promise<Verdict> => {
  for (const folder of packages) {
    const verdict = await test(copy, folder, [])
    if (verdict._tag !== "Survived") return verdict
  }
  return { _tag: "Survived" }
}

/** How often a text stands in another. */
const countOf = (text: string, part: string): number => text.split(part).length - 1

/** Puts the bug into the copy, runs what should notice it, and takes it out again. */
export const trial = async (
  mutant: Mutant,
  copy: string,
  run: (copy: string, mutant: Mutant) => Promise<Verdict>
): Promise<Verdict> => {
  const file = join(copy, mutant.file)
  const original = await readFile(file, "utf8")
  const found = countOf(original, mutant.find)
  if (found !== 1) return { _tag: "Broken", why: `its text stands ${found} times in ${mutant.file}` }
  await writeFile(
    file,
    original.replace(mutant.find, () => mutant.replace)
  )
  try {
    return await run(copy, mutant)
  } finally {
    await writeFile(file, original)
  }
}
