import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { newPlace } from "./support/directories.ts"
import { deadProcess, leaseOf, plantLease } from "./support/forge.ts"
import { startWorkers } from "./support/processes.ts"

const rounds = Number(process.env["STORAGE_ROUNDS"] ?? 60)

describe("the election of one process", () => {
  it.each([2, 4, 8])(
    "TOK-3: %d processes meet the lease of a dead one: each has it once, never two at a time",
    { timeout: 60_000 + rounds * 1_000 },
    async (count) => {
      using place = newPlace()
      const { directory } = place
      const workers = await startWorkers(count, { directory })
      const lease = leaseOf(deadProcess())
      try {
        for (let round = 0; round < rounds; round += 1) {
          const name = `round-${round}`
          plantLease(place.folder(name), 7, lease)
          const inside = join(directory, `${name}.inside`)
          const turns = await Promise.all(
            workers.map((worker, i) =>
              worker.tell("takeTurn", { name, owner: `worker-${i}`, millis: 60_000, inside, stay: round % 2 })
            )
          )
          expect(turns.every(({ alone }) => alone)).toBe(true)
          const fences = turns.map(({ fence }) => fence).toSorted((a, b) => a - b)
          expect(new Set(fences).size).toBe(count)
          expect(fences[0]).toBeGreaterThan(7)
        }
      } finally {
        await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
      }
    }
  )
})
