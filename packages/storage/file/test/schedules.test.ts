import { describe, expect, it, vi } from "vitest"
import { newPlace, openStorage } from "./support/directories.ts"
import { deadProcess, leaseOf, plantLease } from "./support/forge.ts"

/** A generator of small random numbers that its seed decides (mulberry32). */
const dice = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const seed = Number(process.env["SCHEDULE_SEED"] ?? 20_260_801)
const rounds = Number(process.env["STORAGE_ROUNDS"] ?? 20)

/** How long the next call to the disk is held back before it is made, in milliseconds. */
let pause: () => number = () => 0

// The disk is the real one; its calls only come late, as those of a process that is paused or has to wait do.
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const late =
    (call: (...args: ReadonlyArray<never>) => unknown) =>
    async (...args: ReadonlyArray<never>) => {
      await new Promise((resolve) => setTimeout(resolve, pause()))
      return call(...args)
    }
  const names = ["readdir", "link", "rename", "unlink", "lstat", "readFile"] as const
  return { ...real, ...Object.fromEntries(names.map((name) => [name, late(real[name] as never)])) }
})

describe(`whatever call to the disk comes late (SCHEDULE_SEED=${seed})`, () => {
  it(
    "TOK-3: no two have the lease at once, with leases that end and claims that come too late",
    { timeout: 300_000 },
    async () => {
      const random = dice(seed)
      // Most calls are fast, a few are slower than everything else together.
      pause = () => (random() < 0.12 ? random() * 25 : random() * 1.5)
      const past = leaseOf(deadProcess())
      for (let round = 0; round < rounds; round += 1) {
        using place = newPlace()
        if (random() < 0.8) plantLease(place.folder("name"), 7, past)
        let inside = 0
        let most = 0
        const fences: Array<number> = []
        const asker = async (owner: string) => {
          const storage = await openStorage(place.directory)
          for (let turn = 0; turn < 4; turn += 1) {
            // A lease that ends at once stands for a process that was paused too long, or died.
            const isShort = random() < 0.4
            const answer = await storage.ask("name", `${owner}-${turn}`, isShort ? 1 : 60_000).catch(() => undefined)
            if (answer?._tag !== "Lease") continue
            fences.push(answer.fence)
            if (isShort) continue
            inside += 1
            most = Math.max(most, inside)
            await new Promise((resolve) => setTimeout(resolve, random() * 8))
            inside -= 1
            await storage.release(answer)
          }
        }
        await Promise.all(["a", "b", "c", "d"].map(asker))
        expect(most, `round ${round}`).toBeLessThanOrEqual(1)
        expect(new Set(fences).size, `round ${round}`).toBe(fences.length)
      }
    }
  )
})
