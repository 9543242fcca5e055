import { readdirSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { newDirectory, openStorage } from "./support/testDirectory.ts"
import { startWorker } from "./support/workers.ts"
import { longText } from "./support/recordText.ts"

const kills = Number(process.env["STORAGE_KILLS"] ?? 10)
const freezes = Number(process.env["STORAGE_FREEZES"] ?? 10)
const size = 8_000

describe("a killed process", () => {
  it("TOK-3: does not block other processes with its lease", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await using owner = await startWorker({ directory: directory.path })
    const lease = await owner.run("acquireLease", { name: "name", owner: "owner", millis: 60_000 })
    const taken = await storage.requestLease("name", "next")
    expect(taken).toMatchObject({
      _tag: "LeaseTaken",
      owner: expect.stringContaining(`process ${owner.pid} `) as unknown
    })
    await owner.signal("SIGKILL")
    const next = await storage.acquireLease("name", "next")
    expect(next.fence).toBeGreaterThan(lease.fence)
  })

  it(
    `STO-3: killed ${kills} times during a save, leaves the complete old or new record`,
    { timeout: 300_000 + kills * 5_000 },
    async () => {
      using directory = newDirectory()
      const storage = await openStorage(directory.path)
      let last = 0
      let unfinished = 0
      for (let kill = 0; kill < kills; kill += 1) {
        await using writer = await startWorker({ directory: directory.path })
        writer.run("saveRepeatedly", { name: "name", size, from: last + 1, step: 1 }).catch(() => undefined)
        await expect.poll(async () => (await storage.load("name"))?.fence ?? 0).toBeGreaterThan(last)
        // A save takes a few milliseconds, so each kill interrupts it at another step.
        await sleep(kill % 10)
        await writer.signal("SIGKILL")
        const found = await storage.load("name")
        expect(found?.text).toBe(longText(found?.fence ?? 0, size))
        expect(found?.fence).toBeGreaterThan(last)
        last = found?.fence ?? 0
        unfinished = readdirSync(directory.unfinished).length
      }
      expect(unfinished).toBeLessThanOrEqual(kills)
      const lease = await storage.acquireLease("name", "me")
      expect(await storage.save("name", "after the kills", lease.fence)).toBe(true)
      expect(directory.files("name")).toHaveLength(2)
    }
  )
})

describe("a process frozen for longer than its lease", () => {
  it(
    `TOK-3: frozen ${freezes} times during a save, overwrites nothing when it continues`,
    { timeout: 300_000 + freezes * 10_000 },
    async () => {
      using directory = newDirectory()
      const storage = await openStorage(directory.path)
      await using frozen = await startWorker({ directory: directory.path })
      for (let freeze = 0; freeze < freezes; freeze += 1) {
        const name = `freeze-${freeze}`
        const lease = await frozen.run("acquireLease", { name, owner: "frozen", millis: 200 })
        const writing = frozen.run("saveRepeatedly", { name, size, from: lease.fence, step: 0 })
        await expect.poll(() => storage.load(name)).toBeDefined()
        await sleep(freeze % 10)
        await frozen.signal("SIGSTOP")

        let next = await storage.requestLease(name, "next")
        while (next._tag === "LeaseTaken") {
          await sleep(5)
          next = await storage.requestLease(name, "next")
        }
        expect(await storage.save(name, "newer", next.fence)).toBe(true)
        await frozen.signal("SIGCONT")

        let isDone = false
        const watching = (async () => {
          while (!isDone) expect(await storage.load(name)).toEqual({ text: "newer", fence: next.fence })
        })()
        // The worker stops because a save was refused.
        expect(await writing).toBeGreaterThan(0)
        isDone = true
        await watching
        expect(await storage.load(name)).toEqual({ text: "newer", fence: next.fence })
        await frozen.run("release", { name })
        expect((await storage.requestLease(name, "other"))._tag).toBe("LeaseTaken")
      }
    }
  )

  it("TOK-3: cannot save when it continues, even if no other process has saved", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await using frozen = await startWorker({ directory: directory.path })
    const lease = await frozen.run("acquireLease", { name: "name", owner: "frozen", millis: 200 })
    await frozen.signal("SIGSTOP")
    await expect.poll(async () => (await storage.requestLease("name", "next"))._tag).toBe("Lease")
    await frozen.signal("SIGCONT")
    expect(await frozen.run("save", { name: "name", text: "late", fence: lease.fence })).toBe(false)
    expect(await storage.load("name")).toBeUndefined()
  })
})
