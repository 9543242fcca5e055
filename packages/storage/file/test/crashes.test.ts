import { readdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { newPlace, openStorage } from "./support/directories.ts"
import { startWorker } from "./support/processes.ts"
import { longText } from "./support/texts.ts"

const kills = Number(process.env["STORAGE_KILLS"] ?? 10)
const freezes = Number(process.env["STORAGE_FREEZES"] ?? 10)
const size = 8_000

describe("a process that is killed", () => {
  it("TOK-3: holds nobody up with its lease", { timeout: 60_000 }, async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await using holder = await startWorker({ directory: place.directory })
    const lease = await holder.tell("exclusive", { name: "name", owner: "holder", millis: 600_000 })
    const held = await storage.ask("name", "next")
    expect(held).toMatchObject({ _tag: "Held", owner: expect.stringContaining(`process ${holder.pid} `) as unknown })
    await holder.signal("SIGKILL")
    const next = await storage.lease("name", "next")
    expect(next.fence).toBeGreaterThan(lease.fence)
  })

  it(
    `STO-3: while it writes, ${kills} times, leaves the old record or the new one, whole`,
    { timeout: 60_000 + kills * 5_000 },
    async () => {
      using place = newPlace()
      const storage = await openStorage(place.directory)
      let last = 0
      let inTheMiddle = 0
      for (let kill = 0; kill < kills; kill += 1) {
        await using writer = await startWorker({ directory: place.directory })
        writer.tell("writeOn", { name: "name", size, from: last + 1, step: 1 }).catch(() => undefined)
        await expect
          .poll(async () => (await storage.load("name"))?.fence ?? 0, { timeout: 30_000 })
          .toBeGreaterThan(last)
        // A save takes a few milliseconds: each kill meets another part of it.
        await sleep(kill % 10)
        await writer.signal("SIGKILL")
        const found = await storage.load("name")
        expect(found?.text).toBe(longText(found?.fence ?? 0, size))
        expect(found?.fence).toBeGreaterThan(last)
        last = found?.fence ?? 0
        inTheMiddle = readdirSync(join(place.directory, ".tmp")).length
      }
      expect(inTheMiddle).toBeLessThanOrEqual(kills)
      const lease = await storage.lease("name", "me")
      expect(await storage.save("name", "after all", lease.fence)).toBe(true)
      expect(place.files("name")).toHaveLength(2)
    }
  )
})

describe("a process that is frozen for longer than its lease", () => {
  it(
    `TOK-3: while it writes, ${freezes} times, overwrites nothing when it goes on`,
    { timeout: 60_000 + freezes * 10_000 },
    async () => {
      using place = newPlace()
      const storage = await openStorage(place.directory)
      await using frozen = await startWorker({ directory: place.directory })
      for (let freeze = 0; freeze < freezes; freeze += 1) {
        const name = `freeze-${freeze}`
        const lease = await frozen.tell("exclusive", { name, owner: "frozen", millis: 200 })
        const writing = frozen.tell("writeOn", { name, size, from: lease.fence, step: 0 })
        await expect.poll(() => storage.load(name), { timeout: 30_000 }).toBeDefined()
        await sleep(freeze % 10)
        await frozen.signal("SIGSTOP")

        let next = await storage.ask(name, "next")
        while (next._tag === "Held") {
          await sleep(5)
          next = await storage.ask(name, "next")
        }
        expect(await storage.save(name, "newer", next.fence)).toBe(true)
        await frozen.signal("SIGCONT")

        let isDone = false
        const watching = (async () => {
          while (!isDone) expect(await storage.load(name)).toEqual({ text: "newer", fence: next.fence })
        })()
        // It ends because a save was refused.
        expect(await writing).toBeGreaterThan(0)
        isDone = true
        await watching
        expect(await storage.load(name)).toEqual({ text: "newer", fence: next.fence })
        await frozen.tell("release", { name })
        expect((await storage.ask(name, "other"))._tag).toBe("Held")
      }
    }
  )

  it("TOK-3: without having written, cannot write any more, also if nobody else did", { timeout: 60_000 }, async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await using frozen = await startWorker({ directory: place.directory })
    const lease = await frozen.tell("exclusive", { name: "name", owner: "frozen", millis: 200 })
    await frozen.signal("SIGSTOP")
    await expect.poll(async () => (await storage.ask("name", "next"))._tag, { timeout: 30_000 }).toBe("Lease")
    await frozen.signal("SIGCONT")
    expect(await frozen.tell("save", { name: "name", text: "late", fence: lease.fence })).toBe(false)
    expect(await storage.load("name")).toBeUndefined()
  })
})
