// A storage in files under violence: processes take turns with a lease and write, while others of them are killed and
// frozen. Ends with 1 when a promise is broken. `--seconds` sets how long each half takes, `--seed` repeats the blows.
import { TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import { seeded } from "./random.ts"
import { type Turn, turnText } from "./storageFileTurns.ts"

const { values } = parseArgs({
  options: { seconds: { type: "string" }, seed: { type: "string" }, processes: { type: "string" } }
})
const seconds = Number(values.seconds ?? 60)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const size = Number(values.processes ?? 6)
const random = seeded(seed)
const name = "record"

interface Outcome {
  turns: number
  readonly blows: number
  /** Two were inside at once. Who was frozen for longer than its lease does not know that it is over. */
  doubles: number
  /** A record that is neither the old one nor the new one. */
  torn: number
  /** A record with a lower fence than one that was saved before. */
  backwards: number
  /** A fence that was granted before, or a lower one. */
  repeated: number
  refused: number
  /** The longest time without a turn, in milliseconds. */
  longest: number
  leftOver: number
}

const half = async (blow: "kill" | "freeze", millis: number): Promise<Outcome> => {
  const root = mkdtempSync(join(tmpdir(), "chaos-storage-"))
  const directory = join(root, "tokens")
  const storage = await Effect.runPromise(Effect.provide(TokenStorage, FileStorage.layer({ directory })))
  const seen = { turns: 0, doubles: 0, refused: 0, repeated: 0, longest: 0, saved: 0, at: Infinity }
  const fences = new Set<number>()

  const start = async (): Promise<ChildProcess> => {
    const inside = join(root, "inside")
    const child = fork(new URL("./storageFileTurns.ts", import.meta.url), [directory, name, inside, `${millis}`])
    child.on("message", (turn: Turn) => {
      if (fences.has(turn.fence)) seen.repeated += 1
      fences.add(turn.fence)
      seen.turns += 1
      if (!turn.wasAlone) seen.doubles += 1
      if (turn.hasSaved) seen.saved = Math.max(seen.saved, turn.fence)
      else seen.refused += 1
      seen.longest = Math.max(seen.longest, performance.now() - seen.at)
      if (seen.at !== Infinity) seen.at = performance.now()
    })
    await once(child, "message")
    return child
  }

  const alive = new Set(await Promise.all(Array.from({ length: size }, start)))
  const starting: Array<Promise<void>> = []
  /** Another one takes its place, and nobody waits for that. */
  const replace = async (child: ChildProcess): Promise<void> => {
    alive.delete(child)
    alive.add(await start())
  }

  seen.at = performance.now()
  let isOver = false
  let torn = 0
  let backwards = 0
  const watching = (async () => {
    while (!isOver) {
      const { saved } = seen
      const found = await Effect.runPromise(storage.load(name))
      if (found !== undefined && found.text !== turnText(found.fence)) torn += 1
      if ((found?.fence ?? 0) < saved) backwards += 1
      await sleep(random() * 3)
    }
  })()

  const end = performance.now() + seconds * 1_000
  let blows = 0
  while (performance.now() < end) {
    await sleep(random() * 200)
    const victim = [...alive][Math.floor(random() * alive.size)]
    // With less than three there would be nobody to be in the way of.
    if (victim === undefined || alive.size < 3) continue
    blows += 1
    if (blow === "kill") {
      victim.kill("SIGKILL")
      starting.push(replace(victim))
    } else {
      victim.kill("SIGSTOP")
      await sleep(millis * (0.5 + random()))
      victim.kill("SIGCONT")
    }
  }
  await Promise.all(starting)
  const last = seen.turns
  while (seen.turns < last + 3 * size) await sleep(10)
  isOver = true
  await watching
  for (const child of alive) {
    const gone = once(child, "exit")
    child.kill("SIGKILL")
    await gone
  }
  const leftOver = readdirSync(join(directory, name)).length
  rmSync(root, { recursive: true })
  return { ...seen, blows, torn, backwards, leftOver }
}

console.log(`Node ${process.versions.node}, seed ${seed}, ${size} processes, twice ${seconds} s\n`)
const kills = await half("kill", 60_000)
const freezes = await half("freeze", 250)
const row = (what: string, of: (outcome: Outcome) => number) =>
  console.log(`${what.padEnd(48)}${[kills, freezes].map((each) => of(each).toFixed(0).padStart(12)).join("")}`)
console.log(`${"".padEnd(48)}${["kill -9", "SIGSTOP"].map((each) => each.padStart(12)).join("")}`)
row("blows", ({ blows }) => blows)
row("turns with the lease", ({ turns }) => turns)
row("longest time without a turn, ms", ({ longest }) => longest)
row("late saves that were refused", ({ refused }) => refused)
row("two inside at once (past its lease: a freeze)", ({ doubles }) => doubles)
row("fences granted twice", ({ repeated }) => repeated)
row("torn records", ({ torn }) => torn)
row("records that went back", ({ backwards }) => backwards)
row("files of the name at the end", ({ leftOver }) => leftOver)

const promises: ReadonlyArray<readonly [kept: boolean, promise: string]> = [
  [kills.blows > 0 && freezes.blows > 0, "processes were killed, and frozen"],
  [kills.doubles === 0, "TOK-3: one process at a time has the lease, whoever dies"],
  [kills.repeated + freezes.repeated === 0, "TOK-3: no fence is granted twice"],
  [kills.backwards + freezes.backwards === 0, "TOK-3: nothing that comes late overwrites what is newer"],
  [kills.torn + freezes.torn === 0, "STO-3: every record that was read is whole"],
  [kills.longest < 10_000, "TOK-3: the dead hold nobody up, although their leases last a minute"],
  [Math.max(kills.leftOver, freezes.leftOver) < 20, "STO-6: nothing piles up"]
]
console.log()
for (const [kept, promise] of promises) console.log(`${kept ? "kept  " : "BROKEN"} ${promise}`)
if (promises.some(([kept]) => !kept)) process.exitCode = 1
