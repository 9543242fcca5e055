// What a storage in files costs, one operation after the other. What sharing a token through it costs is in sharing.ts.
import { TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { open, rename } from "node:fs/promises"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { latencies } from "./latencies.ts"

const root = mkdtempSync(join(tmpdir(), "bench-storage-"))
const directory = join(root, "tokens")
const run = Effect.runPromise
const storage = await run(Effect.provide(TokenStorage, FileStorage.layer({ directory })))
/** About the size of a record with a JWT. */
const text = "x".repeat(1_200)

const ask = async (name: string, owner: string) => {
  const answer = await storage.exclusive?.(name, { owner, millis: 600_000 }).pipe(run)
  if (answer === undefined) throw new Error("It grants no leases.")
  return answer
}

const timed = async (name: string, times: number, step: (time: number) => Promise<unknown>): Promise<void> => {
  for (let time = 0; time < 20; time += 1) await step(time)
  const took = latencies()
  for (let time = 20; time < times; time += 1) {
    const start = performance.now()
    await step(time)
    took.add(performance.now() - start)
  }
  console.log(`${name.padEnd(56)}${took.at(0.5).toFixed(1).padStart(8)}${took.at(0.99).toFixed(1).padStart(8)}`)
}

const writeBare = async (synced: boolean): Promise<void> => {
  const temporary = join(root, randomUUID())
  const file = await open(temporary, "wx", 0o600)
  await file.write(text)
  if (synced) await file.sync()
  await file.close()
  await rename(temporary, join(root, "bare"))
}

const load = loadavg()[0]?.toFixed(1)
console.log(`Node ${process.versions.node}, ${cpus().length} cores, load ${load}, a record of ${text.length} bytes\n`)
console.log(`${"milliseconds".padEnd(56)}${"median".padStart(8)}${"p99".padStart(8)}`)
await timed("load", 500, () => run(storage.load("record")))
await timed("save", 300, (fence) => run(storage.save("record", { text, fence })))
await timed("  of which: a temporary file, written and renamed", 300, () => writeBare(false))
await timed("  of which: the same, and waiting for the disk", 300, () => writeBare(true))
await timed("a lease, and its release", 500, async () => {
  const answer = await ask("lease", "me")
  if (answer._tag === "Lease") await run(answer.release)
})
await ask("held", "somebody")
await timed("asking for a lease that somebody has", 500, () => ask("held", "me"))
rmSync(root, { recursive: true })
