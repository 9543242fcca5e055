// What a storage in files costs: each operation alone, and the time from the issuer's answer in one process until the
// others go on with its token. `--rounds` sets how often tokens end, `--processes` how many there are, as in 2,8,32.
import { TokenStorage } from "@tokenkeep/core"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { type ChildProcess, fork } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { open, rename } from "node:fs/promises"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { latencies } from "./latencies.ts"
import type { Renewal } from "./storageFileClient.ts"

const { values } = parseArgs({ options: { rounds: { type: "string" }, processes: { type: "string" } } })
const rounds = Number(values.rounds ?? 20)
const fleets = (values.processes ?? "2,4,8,16,32").split(",").map(Number)
const issueLatency = 50

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

const server = await startFakeDeeply({ rateLimits: false, issueLatency })

const startClient = async (): Promise<ChildProcess> => {
  const child = fork(new URL("./storageFileClient.ts", import.meta.url), [server.url, server.apiKey, directory])
  await once(child, "message")
  return child
}

const renew = async (child: ChildProcess): Promise<Renewal> => {
  const answered = once(child, "message") as Promise<[Renewal]>
  child.send("renew")
  return (await answered)[0]
}

console.log(`\nA token ends for all processes at once, ${rounds} times; an issue call takes ${issueLatency} ms.`)
console.log("From the answer of the issuer until another process goes on with the token, in milliseconds:\n")
console.log(
  `${"processes".padEnd(24)}${["median", "p99", "longest", "tokens issued"].map((s) => s.padStart(15)).join("")}`
)
for (const size of fleets) {
  const children = await Promise.all(Array.from({ length: size }, startClient))
  await Promise.all(children.map(renew))
  const before = server.stats.issued
  const took = latencies()
  for (let round = 0; round < rounds; round += 1) {
    server.expireTokens()
    const renewals = await Promise.all(children.map(renew))
    const issuedAt = renewals.find(({ type }) => type === "issued")?.at ?? NaN
    for (const { at, type } of renewals) if (type === "adopted") took.add(at - issuedAt)
  }
  const figures = [took.at(0.5), took.at(0.99), took.at(1)].map((millis) => millis.toFixed(0))
  const issued = `${server.stats.issued - before} for ${rounds}`
  console.log(`${`${size}`.padEnd(24)}${[...figures, issued].map((figure) => figure.padStart(15)).join("")}`)
  for (const child of children) child.disconnect()
}
await server.close()
rmSync(root, { recursive: true })
