// `pnpm mutants`: puts bugs into a copy of the sources, one at a time, and sees that a test notices each.
// `--list` names them, `--only ID` (more than once, or with commas) tries some.
import { rm } from "node:fs/promises"
import { parseArgs } from "node:util"
import { mutants } from "./mutants/index.ts"
import type { Mutant } from "./mutants/Mutant.ts"
import { testAll, testFiles, trial, type Verdict } from "./mutants/trial.ts"
import { copyWorkspace } from "./mutants/workspace.ts"

const { values } = parseArgs({
  options: { list: { type: "boolean" }, only: { type: "string", multiple: true } }
})
const only = values.only?.flatMap((ids) => ids.split(","))
const chosen = only === undefined ? mutants : mutants.filter(({ id }) => only.includes(id))

const told = (verdict: Verdict): string => {
  if (verdict._tag === "Killed") return `killed by "${verdict.by.slice(0, 120)}"`
  return verdict._tag === "Survived" ? "SURVIVED" : `BROKEN: ${verdict.why.split("\n", 1)[0]}`
}

const main = async (): Promise<number> => {
  const copies = await Promise.all([copyWorkspace(), copyWorkspace(), copyWorkspace()])
  const [untouched, ...workers] = copies
  const queue = [...chosen]
  const verdicts = new Map<Mutant, Verdict>()
  let untouchedByAll: Promise<Verdict> | undefined

  /** The likely tests first; a mutant that they miss is shown to all. */
  const judge = async (copy: string, { id, killedBy = [] }: Mutant): Promise<Verdict> => {
    const verdict = await testFiles(copy, killedBy)
    if (verdict._tag !== "Survived") return verdict
    console.log(`${id}: not noticed by its own tests`)
    // Where tests fail anyway, another failure proves nothing.
    const { _tag } = await (untouchedByAll ??= testAll(untouched))
    if (_tag !== "Survived") return verdict
    return testAll(copy)
  }

  const work = async (copy: string): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const started = performance.now()
      const verdict = await trial(mutant, copy, judge)
      verdicts.set(mutant, verdict)
      console.log(`${mutant.id}: ${told(verdict)} (${((performance.now() - started) / 1_000).toFixed(1)} s)`)
    }
  }

  try {
    const named = [...new Set(chosen.flatMap(({ killedBy = [] }) => killedBy))]
    const verdict = await testFiles(untouched, named)
    if (verdict._tag !== "Survived") throw new Error(`Without any bug, the tests fail already: ${told(verdict)}`)
    await Promise.all(workers.map(work))
  } finally {
    await Promise.all(copies.map((copy) => rm(copy, { recursive: true, force: true })))
  }
  console.table(chosen.map((mutant) => ({ id: mutant.id, file: mutant.file, verdict: verdicts.get(mutant)?._tag })))
  const alive = chosen.filter((mutant) => verdicts.get(mutant)?._tag !== "Killed")
  const untouchedVerdict = await untouchedByAll
  if (untouchedVerdict !== undefined && untouchedVerdict._tag !== "Survived") {
    console.log(`Survivors were shown to their own tests only: without any bug, ${told(untouchedVerdict)}`)
  }
  console.log(`${chosen.length - alive.length} of ${chosen.length} killed`)
  return alive.length === 0 ? 0 : 1
}

if (values.list === true) for (const { file, id } of chosen) console.log(`${id}  ${file}`)
else process.exitCode = await main()
