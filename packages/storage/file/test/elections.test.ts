import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { newDirectory } from "./support/testDirectory.ts"
import { endedProcess, leaseOf, writeLease } from "./support/leaseFiles.ts"
import { startWorkers, type Worker } from "./support/workers.ts"

/** How often each number of processes finds the lease of an ended process. */
const rounds = Number(process.env["STORAGE_ROUNDS"] ?? 40)

const directory = newDirectory()
let workers: ReadonlyArray<Worker> = []

beforeAll(async () => {
  workers = await startWorkers(8, { directory: directory.path })
}, 60_000)

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
  directory[Symbol.dispose]()
})

describe("several processes that request a lease at once", () => {
  it.each([2, 4, 8])(
    "TOK-3: %d processes that find the lease of an ended one get it one after the other, never two at a time",
    { timeout: 300_000 + rounds * 1_000 },
    async (count) => {
      const lease = leaseOf(endedProcess())
      for (let round = 0; round < rounds; round += 1) {
        const name = `round-${count}-${round}`
        writeLease(directory.folder(name), 7, lease)
        const marker = join(directory.path, `${name}.marker`)
        const input = { name, millis: 60_000, marker, stay: round % 2 }
        const turns = await Promise.all(
          workers.slice(0, count).map((worker, i) => worker.run("takeTurn", { ...input, owner: `worker-${i}` }))
        )
        expect(turns.map(({ alone }) => alone)).not.toContain(false)
        const fences = turns.map(({ fence }) => fence).toSorted((a, b) => a - b)
        expect(new Set(fences).size).toBe(count)
        expect(fences[0]).toBeGreaterThan(7)
      }
    }
  )
})
