import { mkdirSync, rmSync, symlinkSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { thisProcess } from "../src/internal/processes.ts"
import { newPlace, openStorage } from "./support/directories.ts"
import { contained, deadProcess, foreign, leaseOf, plant, plantLease } from "./support/forge.ts"
import { startZombie } from "./support/processes.ts"

const hour = 3_600_000
/** Longer than any test takes. */
const long = 600_000
const alive = thisProcess()

/** How this process finds a lease that somebody else left there. */
const findLease = async (lease: ReturnType<typeof leaseOf>) => {
  using place = newPlace()
  plantLease(place.folder("name"), 7, lease)
  const storage = await openStorage(place.directory)
  const answer = await storage.ask("name", "me")
  return answer
}

describe("whose lease holds nobody up", () => {
  const dead: ReadonlyArray<readonly [string, ReturnType<typeof leaseOf>]> = [
    ["a process that has ended", leaseOf(deadProcess())],
    ["one whose number another process got since", leaseOf({ ...alive, started: "1" })],
    ["one from before the machine started", leaseOf({ ...alive, boot: foreign.boot })],
    ["one whose time is over", leaseOf(alive, {}, -1)],
    ["one in another container, whose time is over", leaseOf(contained, {}, -1)],
    ["one on another host, whose time is over", leaseOf(foreign, {}, -1)],
    ["one that set the clock back by an hour since", leaseOf(alive, { endsByWall: Date.now() + hour }, -1)]
  ]

  it.each(dead)("TOK-3: that of %s", async (_, lease) => {
    expect(await findLease(lease)).toMatchObject({ _tag: "Lease", fence: 8 })
  })

  it("TOK-3: that of a process whose end its parent has not noticed", async () => {
    using place = newPlace()
    await using zombie = await startZombie()
    const storage = await openStorage(place.directory)
    plantLease(place.folder("name"), 7, leaseOf({ ...alive, pid: zombie.pid, started: undefined }))
    expect((await storage.ask("name", "me"))._tag).toBe("Held")
    await zombie.kill()
    expect((await storage.ask("name", "me"))._tag).toBe("Lease")
  })
})

describe("whose lease holds others up", () => {
  it.each([
    ["this process, as another storage", leaseOf(alive, {}, long)],
    ["another container on this machine", leaseOf(contained, {}, long)],
    ["another host", leaseOf(foreign, {}, long)],
    ["one that set the clock forward by an hour since", leaseOf(alive, { endsByWall: Date.now() - hour }, long)],
    [
      "one of another host that happens to have the number of a dead one",
      leaseOf({ ...deadProcess(), ...foreign }, {}, long)
    ]
  ])("TOK-3: that of %s, until it ends", async (_, lease) => {
    const held = await findLease(lease)
    if (held._tag === "Lease") throw new Error("the lease was given away")
    expect(held.fence).toBe(7)
    expect(held.owner).toBe(`somebody (process ${lease.holder.pid} on ${lease.holder.host})`)
    expect(held.left).toBeGreaterThan(long / 2)
    expect(held.left).toBeLessThanOrEqual(long)
  })

  it.each([
    ["of another host, whose clock is an hour ahead", leaseOf(foreign, { endsByWall: Date.now() + hour }, 300)],
    ["of a machine that was put back to an earlier state", leaseOf(alive, { endsByBoot: 1e12, endsByWall: 1e15 }, 300)]
  ])("TOK-3: one %s no longer than it was asked for", async (_, lease) => {
    using place = newPlace()
    plantLease(place.folder("name"), 7, lease)
    const storage = await openStorage(place.directory)
    const first = await storage.ask("name", "me")
    expect(first).toMatchObject({ _tag: "Held", left: 300 })
    await expect.poll(async () => (await storage.ask("name", "me"))._tag, { timeout: 10_000 }).toBe("Lease")
  })
})

const unreadable: ReadonlyArray<readonly [string, (folder: string, age: number) => void]> = [
  ["empty", (folder, age) => plant(folder, "7.lease", "", age)],
  ["garbage", (folder, age) => plant(folder, "7.lease", "\u0000\u0001{", age)],
  ["no lease", (folder, age) => plant(folder, "7.lease", "[1]", age)],
  [
    "of a process that cannot be",
    (folder, age) =>
      plant(
        folder,
        "7.lease",
        JSON.stringify({ version: 1, owner: "x", millis: 9, endsByWall: 9, holder: { host: "x", pid: -1 } }),
        age
      )
  ],
  [
    "of a newer format",
    (folder, age) => plant(folder, "7.lease", JSON.stringify({ ...leaseOf(deadProcess()), version: 2 }), age)
  ],
  ["too large", (folder, age) => plant(folder, "7.lease", " ".repeat(100_000), age)],
  [
    "a directory",
    (folder, age) => {
      plant(folder, "1.released", "", age)
      mkdirSync(join(folder, "7.lease"))
      const at = (Date.now() - age) / 1000
      utimesSync(join(folder, "7.lease"), at, at)
    }
  ]
]

describe("a lease that nobody can read", () => {
  it.each(unreadable)(
    "TOK-3: %s, holds others up for a while from when it was written, and then nobody",
    async (_, make) => {
      using fresh = newPlace()
      make(fresh.folder("name"), 1_000)
      const held = await (await openStorage(fresh.directory)).ask("name", "me")
      expect(held).toMatchObject({ _tag: "Held", owner: "unknown", fence: 7 })

      using old = newPlace()
      make(old.folder("name"), 20_000)
      const storage = await openStorage(old.directory)
      const lease = await storage.lease("name", "me")
      expect(lease.fence).toBe(8)
      await lease.release()
      expect((await storage.lease("name", "me")).fence).toBe(9)
    }
  )

  it("TOK-3: a link, is not followed", async () => {
    using place = newPlace()
    const target = plant(place.folder("other"), "1.lease", JSON.stringify({ version: 1, ...leaseOf(alive) }))
    mkdirSync(place.folder("name"), { mode: 0o700 })
    symlinkSync(target, join(place.folder("name"), "7.lease"))
    expect(await (await openStorage(place.directory)).ask("name", "me")).toMatchObject({ owner: "unknown" })
  })
})

describe("fences", () => {
  it("TOK-3: rise while the clock is an hour behind what is stored", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    const ahead = Date.now() + hour
    await storage.save("name", "text", ahead)
    const first = await storage.lease("name", "me")
    expect(first.fence).toBe(ahead + 1)
    await first.release()
    await storage.remove("name")
    expect((await storage.lease("name", "other")).fence).toBe(ahead + 2)
  })

  it("TOK-3: of a lease that came to nothing keep a late writer out", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    const late = await storage.lease("name", "late", 1)
    await expect.poll(async () => (await storage.ask("name", "next"))._tag, { timeout: 30_000 }).toBe("Lease")
    await (await storage.lease("name", "next")).release()
    expect(await storage.save("name", "too late", late.fence)).toBe(false)
    expect(await storage.load("name")).toBeUndefined()
  })

  it("TOK-3: begin above those from before the directory was removed", async () => {
    using first = newPlace()
    using second = newPlace()
    const [one, two] = [await openStorage(first.directory), await openStorage(second.directory)]
    const before = Date.now()
    const fences = [(await one.lease("name", "me")).fence, (await two.lease("name", "me")).fence]
    for (const fence of fences) expect(fence).toBeGreaterThan(before)
  })

  it("TOK-3: that are used up are a failure, and no lease", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await storage.save("name", "text", Number.MAX_SAFE_INTEGER)
    await expect(storage.ask("name", "me")).rejects.toMatchObject({
      operation: "exclusive",
      detail: "no fence is left"
    })
    await expect(storage.save("name", "text", Number.NaN)).rejects.toMatchObject({ operation: "save" })
    await expect(storage.save("name", "text", 1.5)).rejects.toMatchObject({ operation: "save" })
  })
})

describe("one process", () => {
  it("TOK-3: with many storages on one directory has a lease once", async () => {
    using place = newPlace()
    const storages = await Promise.all(Array.from({ length: 16 }, () => openStorage(place.directory)))
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(storages.map((storage, i) => storage.ask("name", `owner-${i}`)))
      const leases = answers.filter((answer) => answer._tag === "Lease")
      expect(leases).toHaveLength(1)
      for (const lease of leases) await storages[0]?.release(lease)
    }
  })

  it("TOK-3: releases nothing that another got under the same number, when the directory was removed", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    const lease = await storage.lease("name", "me")
    rmSync(place.directory, { recursive: true })
    plantLease(place.folder("name"), lease.fence, leaseOf(alive, {}, long))
    await lease.release()
    expect(await storage.ask("name", "me")).toMatchObject({ _tag: "Held", fence: lease.fence })
  })

  it("TOK-3: releases nothing that it got anew, or that is another's", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    const first = await storage.lease("name", "me", 60_000)
    const second = await storage.lease("name", "me", 60_000)
    expect(second.fence).toBeGreaterThan(first.fence)
    await first.release()
    expect((await storage.ask("name", "other"))._tag).toBe("Held")
    await second.release()
    const other = await storage.lease("name", "other")
    await second.release()
    expect(await storage.ask("name", "me")).toMatchObject({ _tag: "Held", fence: other.fence })
  })
})
