import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { newPlace } from "./support/directories.ts"
import { deadProcess, leaseOf, plantLease } from "./support/forge.ts"
import { startWorkers, type Worker } from "./support/processes.ts"

/** How often each number of processes meets a dead lease. */
const rounds = Number(process.env["STORAGE_ROUNDS"] ?? 40)

const place = newPlace()
let workers: ReadonlyArray<Worker> = []

beforeAll(async () => {
  workers = await startWorkers(8, { directory: place.directory })
}, 60_000)

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
  place[Symbol.dispose]()
})

describe("the election of one process", () => {
  it.each([2, 4, 8])(
    "TOK-3: of %d that meet the lease of a dead one, each has it once, and never two at a time",
    { timeout: 60_000 + rounds * 1_000 },
    async (count) => {
      const lease = leaseOf(deadProcess())
      for (let round = 0; round < rounds; round += 1) {
        const name = `round-${count}-${round}`
        plantLease(place.folder(name), 7, lease)
        const inside = join(place.directory, `${name}.inside`)
        const asking = { name, millis: 60_000, inside, stay: round % 2 }
        const turns = await Promise.all(
          workers.slice(0, count).map((worker, i) => worker.tell("takeTurn", { ...asking, owner: `worker-${i}` }))
        )
        expect(turns.map(({ alone }) => alone)).not.toContain(false)
        const fences = turns.map(({ fence }) => fence).toSorted((a, b) => a - b)
        expect(new Set(fences).size).toBe(count)
        expect(fences[0]).toBeGreaterThan(7)
      }
    }
  )
})
