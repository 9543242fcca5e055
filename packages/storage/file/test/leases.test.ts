import { mkdirSync, rmSync, symlinkSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { encodeLease } from "../src/leaseFile.ts"
import { newDirectory, openStorage } from "./support/testDirectory.ts"
import {
  containerProcess,
  endedProcess,
  leaseOf,
  remoteProcess,
  thisProcess,
  writeFile,
  writeLease
} from "./support/leaseFiles.ts"
import { startZombie } from "./support/workers.ts"

const hour = 3_600_000
/** The longest lease. */
const long = 60_000

/** What a request for the lease returns if this lease file exists. */
const requestOver = async (lease: ReturnType<typeof leaseOf>) => {
  using directory = newDirectory()
  writeLease(directory.folder("name"), 7, lease)
  const storage = await openStorage(directory.path)
  const result = await storage.requestLease("name", "me")
  return result
}

describe("a lease that can be taken over", () => {
  const free: ReadonlyArray<readonly [string, ReturnType<typeof leaseOf>]> = [
    ["a process that has ended", leaseOf(endedProcess())],
    ["a process whose id now belongs to another process", leaseOf({ ...thisProcess, started: "1" })],
    ["a process from before a reboot, after its time", leaseOf({ ...thisProcess, boot: remoteProcess.boot }, {}, -1)],
    ["a running process, after its time", leaseOf(thisProcess, {}, -1)],
    ["a process in another container, after its time", leaseOf(containerProcess, {}, -1)],
    ["a process on another host, after its time", leaseOf(remoteProcess, {}, -1)],
    [
      "a process that has set the clock back by an hour, after its time",
      leaseOf(thisProcess, { endsByWall: Date.now() + hour }, -1)
    ]
  ]

  it.each(free)("TOK-3: of %s", async (_, lease) => {
    expect(await requestOver(lease)).toMatchObject({ _tag: "Lease", fence: 8 })
  })

  it("TOK-3: of a zombie process", async () => {
    using directory = newDirectory()
    await using zombie = await startZombie()
    const storage = await openStorage(directory.path)
    writeLease(directory.folder("name"), 7, leaseOf({ ...thisProcess, pid: zombie.pid, started: undefined }))
    expect((await storage.requestLease("name", "me"))._tag).toBe("LeaseTaken")
    await zombie.kill()
    expect((await storage.requestLease("name", "me"))._tag).toBe("Lease")
  })
})

describe("the owner of a lease", () => {
  it("OBS-2: knows its own process, as other owners see it", async () => {
    using directory = newDirectory()
    const lease = await (await openStorage(directory.path)).requestLease("name", "me")
    expect(lease.owner).toBe(`me (process ${process.pid} on ${thisProcess.host})`)
    expect((await (await openStorage(directory.path)).requestLease("name", "other")).owner).toBe(lease.owner)
  })
})

describe("a lease that blocks other owners", () => {
  it.each([
    ["another storage in this process", leaseOf(thisProcess, {}, long)],
    ["a process in another container", leaseOf(containerProcess, {}, long)],
    ["a process on another host", leaseOf(remoteProcess, {}, long)],
    ["a process on another host with the same name", leaseOf({ ...remoteProcess, host: thisProcess.host }, {}, long)],
    [
      "a process that has set the clock forward by an hour",
      leaseOf(thisProcess, { endsByWall: Date.now() - hour }, long)
    ],
    [
      "a process on another host with the id of an ended process here",
      leaseOf({ ...endedProcess(), ...remoteProcess }, {}, long)
    ]
  ])("TOK-3: of %s, until it ends", async (_, lease) => {
    const taken = await requestOver(lease)
    if (taken._tag === "Lease") throw new Error("The lease was granted to a second owner.")
    expect(taken.fence).toBe(7)
    expect(taken.owner).toBe(`other (process ${lease.holder.pid} on ${lease.holder.host})`)
    expect(taken.left).toBeGreaterThan(long / 2)
    expect(taken.left).toBeLessThanOrEqual(long)
  })

  it.each([
    ["of another host whose clock is an hour ahead", leaseOf(remoteProcess, { endsByWall: Date.now() + hour }, 300)],
    [
      "of a virtual machine that was reset to a snapshot",
      leaseOf(thisProcess, { endsByBoot: 1e12, endsByWall: 1e15 }, 300)
    ]
  ])("TOK-3: %s, no longer than it was requested for", async (_, lease) => {
    using directory = newDirectory()
    writeLease(directory.folder("name"), 7, lease)
    const storage = await openStorage(directory.path)
    const first = await storage.requestLease("name", "me")
    expect(first).toMatchObject({ _tag: "LeaseTaken", left: 300 })
    await expect.poll(async () => (await storage.requestLease("name", "me"))._tag).toBe("Lease")
  })
})

describe("two leases of hosts whose clocks are an hour ahead", () => {
  it("TOK-3: block other owners no longer than they were requested for", async () => {
    using directory = newDirectory()
    for (const fence of [7, 8]) {
      writeLease(directory.folder("name"), fence, leaseOf(remoteProcess, { endsByWall: Date.now() + hour }, 300))
    }
    const storage = await openStorage(directory.path)
    expect((await storage.requestLease("name", "me"))._tag).toBe("LeaseTaken")
    await expect.poll(async () => (await storage.requestLease("name", "me"))._tag).toBe("Lease")
  })
})

describe("a lease of more than a minute", () => {
  it("TOK-3: is granted for a minute", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.acquireLease("name", "other", hour)
    const taken = await storage.requestLease("name", "me")
    if (taken._tag === "Lease") throw new Error("The lease was granted to a second owner.")
    expect(taken.left).toBeLessThanOrEqual(long)
    // A file that claims an hour is damage, which ends earlier.
    expect(taken.left).toBeGreaterThan(15_000)
  })

  it.each([long + 1, hour, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE])(
    "TOK-3: of %d ms is damage, even if its process is running",
    async (millis) => {
      using directory = newDirectory()
      const claim = { ...leaseOf(thisProcess, { endsByBoot: 1e15, endsByWall: 1e15 }), millis }
      writeFile(directory.folder("recent"), "7.lease", encodeLease(claim), 1_000)
      writeFile(directory.folder("old"), "7.lease", encodeLease(claim), 20_000)
      const storage = await openStorage(directory.path)
      const taken = await storage.requestLease("recent", "me")
      if (taken._tag === "Lease") throw new Error("A damaged lease has to be left to its owner for a while.")
      expect(taken.left).toBeLessThanOrEqual(15_000)
      expect(await storage.requestLease("old", "me")).toMatchObject({ _tag: "Lease", fence: 8 })
    }
  )
})

const unreadable: ReadonlyArray<readonly [string, (folder: string, age: number) => void]> = [
  ["empty", (folder, age) => writeFile(folder, "7.lease", "", age)],
  ["not text", (folder, age) => writeFile(folder, "7.lease", "\u0000\u0001{", age)],
  ["other JSON", (folder, age) => writeFile(folder, "7.lease", "[1]", age)],
  [
    "of an impossible process id",
    (folder, age) =>
      writeFile(
        folder,
        "7.lease",
        JSON.stringify({ version: 1, owner: "x", millis: 9, endsByWall: 9, holder: { host: "x", pid: -1 } }),
        age
      )
  ],
  [
    "of a newer format",
    (folder, age) => writeFile(folder, "7.lease", JSON.stringify({ ...leaseOf(endedProcess()), version: 2 }), age)
  ],
  ["too large", (folder, age) => writeFile(folder, "7.lease", " ".repeat(100_000), age)],
  [
    "a directory",
    (folder, age) => {
      writeFile(folder, "1.released", "", age)
      mkdirSync(join(folder, "7.lease"))
      const at = (Date.now() - age) / 1000
      utimesSync(join(folder, "7.lease"), at, at)
    }
  ]
]

describe("an unreadable lease file", () => {
  it.each(unreadable)("TOK-3: %s, blocks other owners for a fixed time after it was written", async (_, make) => {
    using fresh = newDirectory()
    make(fresh.folder("name"), 1_000)
    const taken = await (await openStorage(fresh.path)).requestLease("name", "me")
    expect(taken).toMatchObject({ _tag: "LeaseTaken", owner: "unknown", fence: 7 })

    using old = newDirectory()
    make(old.folder("name"), 20_000)
    const storage = await openStorage(old.path)
    const lease = await storage.acquireLease("name", "me")
    expect(lease.fence).toBe(8)
    await lease.release()
    expect((await storage.acquireLease("name", "me")).fence).toBe(9)
  })

  it("TOK-3: that is a link, is not followed", async () => {
    using directory = newDirectory()
    const target = writeFile(
      directory.folder("other"),
      "1.lease",
      JSON.stringify({ version: 1, ...leaseOf(thisProcess) })
    )
    mkdirSync(directory.folder("name"), { mode: 0o700 })
    symlinkSync(target, join(directory.folder("name"), "7.lease"))
    expect(await (await openStorage(directory.path)).requestLease("name", "me")).toMatchObject({ owner: "unknown" })
  })
})

describe("fences", () => {
  it("TOK-3: rise even if the clock is an hour behind the stored record", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const ahead = Date.now() + hour
    await storage.save("name", "text", ahead)
    const first = await storage.acquireLease("name", "me")
    expect(first.fence).toBe(ahead + 1)
    await first.release()
    await storage.remove("name")
    expect((await storage.acquireLease("name", "other")).fence).toBe(ahead + 2)
  })

  it("TOK-3: of an ended lease block a late writer, even if no record was saved since", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const late = await storage.acquireLease("name", "late", 1)
    await expect.poll(async () => (await storage.requestLease("name", "next"))._tag).toBe("Lease")
    await (await storage.acquireLease("name", "next")).release()
    expect(await storage.save("name", "too late", late.fence)).toBe(false)
    expect(await storage.load("name")).toBeUndefined()
  })

  it("TOK-3: start above those from before the directory was removed", async () => {
    using first = newDirectory()
    using second = newDirectory()
    const [one, two] = [await openStorage(first.path), await openStorage(second.path)]
    const before = Date.now()
    const fences = [(await one.acquireLease("name", "me")).fence, (await two.acquireLease("name", "me")).fence]
    for (const fence of fences) expect(fence).toBeGreaterThan(before)
  })

  it.each(["record", "lease", "released", "withdrawn"])(
    "TOK-3: do not end at the highest number, which only a damaged file such as 9007199254740991.%s has",
    async (kind) => {
      using directory = newDirectory()
      const storage = await openStorage(directory.path)
      const before = await storage.acquireLease("name", "me")
      await storage.save("name", "text", before.fence)
      writeFile(directory.folder("name"), `${Number.MAX_SAFE_INTEGER}.${kind}`, "", hour)
      await before.release()
      const lease = await storage.acquireLease("name", "other")
      expect(lease.fence).toBe(before.fence + 1)
      expect(await storage.save("name", "next", lease.fence)).toBe(true)
      expect(await storage.load("name")).toEqual({ text: "next", fence: lease.fence })
      expect(directory.files("name")).toEqual([`${lease.fence}.lease`, `${lease.fence}.record`])
    }
  )

  it("TOK-3: begin at the time again if a damaged file with the highest number is the only one", async () => {
    using directory = newDirectory()
    const before = Date.now()
    writeFile(directory.folder("name"), `${Number.MAX_SAFE_INTEGER}.record`, "")
    const storages = await Promise.all(Array.from({ length: 8 }, () => openStorage(directory.path)))
    const results = await Promise.all(storages.map((storage, i) => storage.requestLease("name", `owner-${i}`)))
    expect(results.filter(({ _tag }) => _tag === "Lease")).toHaveLength(1)
    for (const { fence } of results) {
      expect(fence).toBeGreaterThan(before)
      expect(fence).toBeLessThan(Date.now() + hour)
    }
  })

  it("TOK-3: that are no safe integers make the save fail", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    for (const fence of [Number.NaN, 1.5, 2 ** 53]) {
      const save = storage.save("name", "text", fence)
      await expect(save).rejects.toMatchObject({ operation: "save", retryable: false })
    }
  })
})

describe("one process", () => {
  it("TOK-3: with several storages for one directory gets a lease once", async () => {
    using directory = newDirectory()
    const storages = await Promise.all(Array.from({ length: 16 }, () => openStorage(directory.path)))
    for (let round = 0; round < 10; round += 1) {
      const results = await Promise.all(storages.map((storage, i) => storage.requestLease("name", `owner-${i}`)))
      const leases = results.filter((result) => result._tag === "Lease")
      expect(leases).toHaveLength(1)
      for (const lease of leases) await storages[0]?.release(lease)
    }
  })

  it("TOK-3: does not release another owner's lease with the same fence", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const lease = await storage.acquireLease("name", "me")
    rmSync(directory.path, { recursive: true })
    writeLease(directory.folder("name"), lease.fence, leaseOf(thisProcess, {}, long))
    await lease.release()
    expect(await storage.requestLease("name", "me")).toMatchObject({ _tag: "LeaseTaken", fence: lease.fence })
  })

  it("TOK-3: releases neither its own newer lease nor another owner's", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const first = await storage.acquireLease("name", "me", 60_000)
    const second = await storage.acquireLease("name", "me", 60_000)
    expect(second.fence).toBeGreaterThan(first.fence)
    await first.release()
    expect((await storage.requestLease("name", "other"))._tag).toBe("LeaseTaken")
    await second.release()
    const other = await storage.acquireLease("name", "other")
    await second.release()
    expect(await storage.requestLease("name", "me")).toMatchObject({ _tag: "LeaseTaken", fence: other.fence })
  })
})
