// The cost of each operation of the file storage. sharing.ts measures the cost of sharing a token through it.
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
/** About as long as a record with a JWT. */
const record = "x".repeat(1_200)

const askLease = async (name: string, owner: string) => {
  const result = await storage.acquireLease?.(name, { owner, millis: 60_000 }).pipe(run)
  if (result === undefined) throw new Error("The storage grants no leases.")
  return result
}

const timed = async (name: string, times: number, step: (index: number) => Promise<unknown>): Promise<void> => {
  for (let index = 0; index < 20; index += 1) await step(index)
  const took = latencies()
  for (let index = 20; index < times; index += 1) {
    const start = performance.now()
    await step(index)
    took.add(performance.now() - start)
  }
  console.log(`${name.padEnd(56)}${took.at(0.5).toFixed(1).padStart(8)}${took.at(0.99).toFixed(1).padStart(8)}`)
}

const writeBare = async (synced: boolean): Promise<void> => {
  const temporary = join(root, randomUUID())
  const file = await open(temporary, "wx", 0o600)
  await file.write(record)
  if (synced) await file.sync()
  await file.close()
  await rename(temporary, join(root, "bare"))
}

const load = loadavg()[0]?.toFixed(1)
console.log(`Node ${process.versions.node}, ${cpus().length} cores, load ${load}, a record of ${record.length} bytes\n`)
console.log(`${"milliseconds".padEnd(56)}${"median".padStart(8)}${"p99".padStart(8)}`)
await timed("load", 500, () => run(storage.load("record")))
await timed("save", 300, (fence) => run(storage.save("record", { text: record, fence })))
await timed("  of which: write a temporary file and rename it", 300, () => writeBare(false))
await timed("  of which: the same with fsync", 300, () => writeBare(true))
await timed("acquire a lease and release it", 500, async () => {
  const result = await askLease("lease", "one")
  if (result._tag === "Lease") await run(result.release)
})
await askLease("taken", "other")
await timed("ask for a lease that another owner has", 500, () => askLease("taken", "one"))
rmSync(root, { recursive: true })
