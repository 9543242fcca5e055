import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { endedProcess, leaseOf, writeFile, writeLease } from "./support/leaseFiles.ts"
import { newDirectory, openStorage } from "./support/testDirectory.ts"

const hour = 3_600_000
const day = 24 * hour

const setAge = (path: string, millis: number): void => {
  const at = (Date.now() - millis) / 1000
  utimesSync(path, at, at)
}

describe("unused files", () => {
  it("STO-6: are removed after a process has saved once: names after 30 days, temporary files after an hour", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const createName = (name: string, files: ReadonlyArray<string>, millis: number) => {
      for (const file of files) setAge(writeFile(directory.folder(name), file, "text"), millis)
      setAge(directory.folder(name), millis)
    }
    createName("old", ["5.record", "4.lease", "5.released", "6.withdrawn"], 31 * day)
    createName(`_${"0".repeat(64)}`, ["5.record"], 31 * day)
    createName("recent", ["5.record"], 29 * day)
    createName("old-record-new-lease", ["5.record"], 31 * day)
    setAge(writeLease(directory.folder("old-record-new-lease"), 6, leaseOf(endedProcess())), 0)
    createName("with-other-files", ["5.record", "notes.txt"], 31 * day)
    createName("Foreign", ["5.record"], 31 * day)
    writeFileSync(join(directory.path, "a-file"), "")
    setAge(join(directory.path, "a-file"), 31 * day)
    const temporary = join(directory.path, ".tmp")
    for (const [file, millis] of [
      ["stale", 2 * hour],
      ["fresh", hour / 2]
    ] as const) {
      writeFileSync(join(temporary, file), "half")
      setAge(join(temporary, file), millis)
    }

    await storage.load("old")
    expect(existsSync(directory.folder("old"))).toBe(true)
    await storage.save("current", "text", 1)
    await expect
      .poll(() => readdirSync(directory.path).toSorted(), { timeout: 30_000 })
      .toEqual([".tmp", "Foreign", "a-file", "current", "old-record-new-lease", "recent", "with-other-files"])
    expect(readdirSync(temporary)).toEqual(["fresh"])
    expect(directory.files("with-other-files")).toEqual(["5.record", "notes.txt"])
    expect(statSync(directory.folder("Foreign")).isDirectory()).toBe(true)
  })

  it("STO-6: are removed while other processes save under the same name, and their files are not", async () => {
    using directory = newDirectory()
    for (let round = 0; round < 20; round += 1) {
      const name = `name-${round}`
      setAge(writeFile(directory.folder(name), "5.record", "text"), 31 * day)
      setAge(writeFile(directory.folder(name), "5.released", ""), 31 * day)
      setAge(directory.folder(name), 31 * day)
      const [pruning, saving, requesting] = await Promise.all([1, 2, 3].map(() => openStorage(directory.path)))
      const [, saved, lease] = await Promise.all([
        pruning?.save("other", "text", round),
        saving?.save(name, "saved", 6),
        requesting?.requestLease(name, "me")
      ])
      expect(lease?._tag).toBe("Lease")
      const found = await saving?.load(name)
      expect(saved === true ? found?.text : "saved").toBe("saved")
      expect((await saving?.requestLease(name, "other"))?._tag).toBe("LeaseTaken")
    }
  })
})
