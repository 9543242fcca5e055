import { chmodSync, chownSync, cpSync, readdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterEach, describe, expect, it, vi } from "vitest"
import { folderName } from "../src/folders.ts"
import { runDetached } from "../src/runDetached.ts"
import { newDirectory, openStorage } from "./support/testDirectory.ts"
import { endedProcess, leaseOf, writeFile, writeLease } from "./support/leaseFiles.ts"
import { seededRandom } from "./support/seededRandom.ts"

const seed = Number(process.env["SCHEDULE_SEED"] ?? 20_260_801)
const rounds = Number(process.env["STORAGE_ROUNDS"] ?? 20)

/** How long the next disk call is delayed, in milliseconds. */
let delay: (call: string) => number | Promise<number> = () => 0

// The disk is real. Its calls are only delayed, like those of a process that is paused.
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const delayed =
    (name: string, call: (...args: ReadonlyArray<never>) => unknown) =>
    async (...args: ReadonlyArray<never>) => {
      await sleep(await delay(name))
      return call(...args)
    }
  const names = ["readdir", "link", "rename", "unlink", "lstat", "stat", "open", "readFile"] as const
  return { ...real, ...Object.fromEntries(names.map((name) => [name, delayed(name, real[name] as never)])) }
})

afterEach(() => {
  delay = () => 0
})

describe(`with delayed disk calls (SCHEDULE_SEED=${seed})`, () => {
  it("TOK-3: no two owners have the lease at once, even if leases end and claims are late", async () => {
    const random = seededRandom(seed)
    // Most calls are fast; a few are slower than all others together.
    delay = () => (random() < 0.12 ? random() * 25 : random() * 1.5)
    const endedLease = leaseOf(endedProcess())
    for (let round = 0; round < rounds; round += 1) {
      using directory = newDirectory()
      if (random() < 0.8) writeLease(directory.folder("name"), 7, endedLease)
      let owners = 0
      let most = 0
      const fences: Array<number> = []
      const takeTurns = async (owner: string) => {
        const storage = await openStorage(directory.path)
        for (let turn = 0; turn < 4; turn += 1) {
          // A lease that ends immediately acts as one of a process that was paused too long, or crashed.
          const isShort = random() < 0.4
          const result = await storage
            .requestLease("name", `${owner}-${turn}`, isShort ? 1 : 60_000)
            .catch(() => undefined)
          if (result?._tag !== "Lease") continue
          fences.push(result.fence)
          if (isShort) continue
          owners += 1
          most = Math.max(most, owners)
          await sleep(random() * 8)
          owners -= 1
          await storage.release(result)
        }
      }
      await Promise.all(["a", "b", "c", "d"].map(takeTurns))
      expect(most, `round ${round}`).toBeLessThanOrEqual(1)
      expect(new Set(fences).size, `round ${round}`).toBe(fences.length)
    }
  })

  it("TOK-3: a process that finds a second claim withdraws its own, and the fence is not used again", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    writeLease(directory.folder("name"), 7, leaseOf(endedProcess()))
    let calls = 0
    delay = (call) => {
      if (call === "readdir") calls += 1
      // It has claimed fence 8 and reads the folder again: now there is a claim that it has not seen.
      if (call === "readdir" && calls === 2) writeFile(directory.folder("name"), "6.released", "")
      return 0
    }
    const lease = await storage.acquireLease("name", "me")
    expect(lease.fence).toBe(9)
    expect(directory.files("name")).toEqual(["9.lease"])
    expect(calls).toBe(4)
    expect(readdirSync(directory.unfinished)).toEqual([])
  })

  it("TOK-3: a withdrawn claim does not block the lease owner from saving", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const lease = await storage.acquireLease("name", "me")
    writeFile(directory.folder("name"), `${lease.fence + 5}.withdrawn`, "")
    expect(await storage.save("name", "text", lease.fence)).toBe(true)
    await lease.release()
    expect((await storage.acquireLease("name", "other")).fence).toBe(lease.fence + 6)
  })
})

describe("a save that is delayed before its rename", () => {
  it("TOK-3: is refused after a newer save, and leaves no file", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const late = await storage.acquireLease("name", "late", 1)
    let resume: (millis: number) => void = () => undefined
    const resumed = new Promise<number>((resolve) => (resume = resolve))
    let isDelayed = false
    delay = (call) => {
      if (call !== "rename" || isDelayed) return 0
      isDelayed = true
      return resumed
    }
    const saving = storage.save("name", "late", late.fence)
    await expect.poll(() => isDelayed).toBe(true)
    await expect.poll(async () => (await storage.requestLease("name", "next"))._tag).toBe("Lease")
    const next = await storage.acquireLease("name", "next")
    expect(await storage.save("name", "newer", next.fence)).toBe(true)
    resume(0)
    expect(await saving).toBe(false)
    expect(directory.files("name")).toEqual([`${next.fence}.lease`, `${next.fence}.record`])
    expect((await storage.load("name"))?.text).toBe("newer")
  })

  it("TOK-3: writes nothing if a newer record exists already", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "newer", 10)
    const calls: Array<string> = []
    delay = (call) => {
      calls.push(call)
      return 0
    }
    expect(await storage.save("name", "late", 9)).toBe(false)
    expect(calls).not.toContain("rename")
  })
})

describe("a directory that another user swaps during a load", () => {
  it("STO-3: for one with a file that is not this user's own never supplies the record", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "own", 1)
    const foreign = `${directory.path}-foreign`
    const planted = join(foreign, folderName("name"), "1.record")
    cpSync(directory.path, foreign, { recursive: true })
    writeFileSync(planted, "foreign")
    // Without root, the file differs from an own one in its mode alone.
    if (process.getuid?.() === 0) chownSync(planted, 65_534, 65_534)
    else chmodSync(planted, 0o644)
    const swap = () => {
      renameSync(directory.path, `${directory.path}-away`)
      renameSync(foreign, directory.path)
      renameSync(`${directory.path}-away`, foreign)
    }
    /** Swaps the directories before one of the disk calls of a load. Returns how many calls there were. */
    const loadSwappedAt = async (moment: number) => {
      let calls = 0
      delay = () => {
        calls += 1
        if (calls === moment) swap()
        return 0
      }
      expect(["own", ""]).toContain((await storage.load("name"))?.text)
      delay = () => 0
      if (calls >= moment) swap()
      return calls
    }
    const calls = await loadSwappedAt(Infinity)
    expect(calls).toBeGreaterThan(2)
    for (let moment = 1; moment <= calls; moment += 1) await loadSwappedAt(moment)
    expect(await storage.load("name")).toEqual({ text: "own", fence: 1 })
  })
})

describe("a hanging disk", () => {
  it("STO-2: does not block an interrupted caller, and the save completes later", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    let resume: (millis: number) => void = () => undefined
    const resumed = new Promise<number>((resolve) => (resume = resolve))
    delay = (call) => (call === "rename" ? resumed : 0)
    const saving = Effect.runFork(runDetached(Effect.promise(() => storage.save("name", "text", 1))))
    await sleep(50)
    await Effect.runPromise(Fiber.interrupt(saving))
    expect(saving.pollUnsafe()?._tag).toBe("Failure")
    expect(await storage.load("name")).toBeUndefined()
    resume(0)
    await expect.poll(() => storage.load("name")).toEqual({ text: "text", fence: 1 })
  })
})
