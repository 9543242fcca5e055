import { readdirSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterEach, describe, expect, it, vi } from "vitest"
import { toTheEnd } from "../src/internal/toTheEnd.ts"
import { newPlace, openStorage } from "./support/directories.ts"
import { deadProcess, leaseOf, plant, plantLease } from "./support/forge.ts"

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
let pause: (call: string) => number | Promise<number> = () => 0

// The disk is the real one; its calls only come late, as those of a process that is paused or has to wait do.
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const late =
    (name: string, call: (...args: ReadonlyArray<never>) => unknown) =>
    async (...args: ReadonlyArray<never>) => {
      await sleep(await pause(name))
      return call(...args)
    }
  const names = ["readdir", "link", "rename", "unlink", "lstat", "readFile"] as const
  return { ...real, ...Object.fromEntries(names.map((name) => [name, late(name, real[name] as never)])) }
})

afterEach(() => {
  pause = () => 0
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
            await sleep(random() * 8)
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

  it("TOK-3: whoever finds that it was not alone withdraws, and its number is not claimed again", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    plantLease(place.folder("name"), 7, leaseOf(deadProcess()))
    let calls = 0
    pause = (call) => {
      if (call === "readdir") calls += 1
      // It has claimed 8 by now, and looks again: there was another, which it had not seen.
      if (call === "readdir" && calls === 2) plant(place.folder("name"), "6.released", "")
      return 0
    }
    const lease = await storage.lease("name", "me")
    expect(lease.fence).toBe(9)
    expect(place.files("name")).toEqual(["9.lease"])
    expect(calls).toBe(4)
    expect(readdirSync(`${place.directory}/.tmp`)).toEqual([])
  })

  it("TOK-3: a withdrawn number keeps nobody from saving under the lease that counts", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    const lease = await storage.lease("name", "me")
    plant(place.folder("name"), `${lease.fence + 5}.withdrawn`, "")
    expect(await storage.save("name", "text", lease.fence)).toBe(true)
    await lease.release()
    expect((await storage.lease("name", "other")).fence).toBe(lease.fence + 6)
  })
})

describe("a save that is held up between looking and renaming", () => {
  it("TOK-3: is refused when it comes after a newer one, and leaves nothing", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    const late = await storage.lease("name", "late", 1)
    let goOn: (millis: number) => void = () => undefined
    const held = new Promise<number>((resolve) => (goOn = resolve))
    let isHeld = false
    pause = (call) => {
      if (call !== "rename" || isHeld) return 0
      isHeld = true
      return held
    }
    const saving = storage.save("name", "late", late.fence)
    await expect.poll(() => isHeld, { timeout: 30_000 }).toBe(true)
    await expect.poll(async () => (await storage.ask("name", "next"))._tag, { timeout: 30_000 }).toBe("Lease")
    const next = await storage.lease("name", "next")
    expect(await storage.save("name", "newer", next.fence)).toBe(true)
    goOn(0)
    expect(await saving).toBe(false)
    expect(place.files("name")).toEqual([`${next.fence}.lease`, `${next.fence}.record`])
    expect((await storage.load("name"))?.text).toBe("newer")
  })

  it("TOK-3: writes nothing at all when it is late already", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await storage.save("name", "newer", 10)
    const calls: Array<string> = []
    pause = (call) => {
      calls.push(call)
      return 0
    }
    expect(await storage.save("name", "late", 9)).toBe(false)
    expect(calls).not.toContain("rename")
  })
})

describe("a disk that hangs", () => {
  it("STO-2: holds nobody who stops waiting, and goes on without them", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    let goOn: (millis: number) => void = () => undefined
    const hanging = new Promise<number>((resolve) => (goOn = resolve))
    pause = (call) => (call === "rename" ? hanging : 0)
    const saving = Effect.runFork(toTheEnd(Effect.promise(() => storage.save("name", "text", 1))))
    await sleep(50)
    await Effect.runPromise(Fiber.interrupt(saving))
    expect(saving.pollUnsafe()?._tag).toBe("Failure")
    expect(await storage.load("name")).toBeUndefined()
    goOn(0)
    await expect.poll(() => storage.load("name"), { timeout: 30_000 }).toEqual({ text: "text", fence: 1 })
  })
})
