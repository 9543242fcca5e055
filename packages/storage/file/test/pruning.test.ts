import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { deadProcess, leaseOf, plant, plantLease } from "./support/forge.ts"
import { newPlace, openStorage } from "./support/directories.ts"

const hour = 3_600_000
const day = 24 * hour

const age = (path: string, millis: number): void => {
  const at = (Date.now() - millis) / 1000
  utimesSync(path, at, at)
}

describe("what nobody uses any more", () => {
  it("STO-6: goes with the first save of a process: names after 30 days, half-written files after an hour", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    const named = (name: string, files: ReadonlyArray<string>, millis: number) => {
      for (const file of files) age(plant(place.folder(name), file, "text"), millis)
      age(place.folder(name), millis)
    }
    named("old", ["5.record", "4.lease", "5.released", "6.withdrawn"], 31 * day)
    named(`_${"0".repeat(64)}`, ["5.record"], 31 * day)
    named("recent", ["5.record"], 29 * day)
    named("old-record-new-lease", ["5.record"], 31 * day)
    age(plantLease(place.folder("old-record-new-lease"), 6, leaseOf(deadProcess())), 0)
    named("not-only-ours", ["5.record", "notes.txt"], 31 * day)
    named("Foreign", ["5.record"], 31 * day)
    writeFileSync(join(place.directory, "a-file"), "")
    age(join(place.directory, "a-file"), 31 * day)
    const temporary = join(place.directory, ".tmp")
    for (const [file, millis] of [
      ["stale", 2 * hour],
      ["fresh", hour / 2]
    ] as const) {
      writeFileSync(join(temporary, file), "half")
      age(join(temporary, file), millis)
    }

    await storage.load("old")
    expect(existsSync(place.folder("old"))).toBe(true)
    await storage.save("current", "text", 1)
    await expect
      .poll(() => readdirSync(place.directory).toSorted(), { timeout: 30_000 })
      .toEqual([".tmp", "Foreign", "a-file", "current", "not-only-ours", "old-record-new-lease", "recent"])
    expect(readdirSync(temporary)).toEqual(["fresh"])
    expect(place.files("not-only-ours")).toEqual(["5.record", "notes.txt"])
    expect(statSync(place.folder("Foreign")).isDirectory()).toBe(true)
  })

  it("STO-6: goes while others save and ask under the same name, and takes nothing of theirs", async () => {
    using place = newPlace()
    for (let round = 0; round < 20; round += 1) {
      const name = `name-${round}`
      age(plant(place.folder(name), "5.record", "text"), 31 * day)
      age(plant(place.folder(name), "5.released", ""), 31 * day)
      age(place.folder(name), 31 * day)
      const [pruning, writing, asking] = await Promise.all([1, 2, 3].map(() => openStorage(place.directory)))
      const [, saved, lease] = await Promise.all([
        pruning?.save("other", "text", round),
        writing?.save(name, "kept", 6),
        asking?.ask(name, "me")
      ])
      expect(lease?._tag).toBe("Lease")
      const found = await writing?.load(name)
      expect(saved === true ? found?.text : "kept").toBe("kept")
      expect((await writing?.ask(name, "other"))?._tag).toBe("Held")
    }
  })
})
