import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import {
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { join, resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { folderName } from "../src/folders.ts"
import { prune } from "../src/pruning.ts"
import { endedProcess, leaseOf, writeFile, writeLease } from "./support/leaseFiles.ts"
import { newDirectory, openStorage } from "./support/testDirectory.ts"

const hour = 3_600_000
const day = 24 * hour

const setAge = (path: string, millis: number): void => {
  const at = (Date.now() - millis) / 1000
  utimesSync(path, at, at)
}

const writeOld = (path: string, millis = 31 * day): void => {
  writeFileSync(path, "text", { mode: 0o600 })
  setAge(path, millis)
}

/** All files and folders in a directory. */
const contentsOf = (path: string) => readdirSync(path, { recursive: true, encoding: "utf8" }).toSorted()

describe("unused files", () => {
  it("STO-6: are removed after a process has saved once: names after 30 days, temporary files after an hour", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const createName = (name: string, files: ReadonlyArray<string>, millis: number) => {
      mkdirSync(directory.folder(name), { recursive: true, mode: 0o700 })
      for (const file of files) setAge(writeFile(directory.folder(name), file, "text"), millis)
      setAge(directory.folder(name), millis)
    }
    createName("old", ["5.record", "4.lease", "5.released", "6.withdrawn"], 31 * day)
    createName("empty", [], 31 * day)
    for (const name of ["kept", "also-kept"]) createName(name, ["5.record", "0.exclusive"], 31 * day)
    setAge(writeFile(directory.folder("kept"), "7.exclusive", "text"), 31 * day)
    const [oldDraft, newDraft] = [`${randomUUID()}.draft`, `${randomUUID()}.draft`]
    setAge(writeFile(directory.folder("kept"), oldDraft, "text"), 2 * hour)
    setAge(writeFile(directory.folder("kept"), newDraft, "text"), hour / 2)
    createName("only-drafts", [`${randomUUID()}.draft`], 31 * day)
    createName("recent", ["5.record"], 29 * day)
    createName("old-record-new-lease", ["5.record"], 31 * day)
    setAge(writeLease(directory.folder("old-record-new-lease"), 6, leaseOf(endedProcess())), 0)
    createName("with-other-files", ["5.record", "notes.txt"], 31 * day)
    const [stale, fresh] = [`${randomUUID()}.part`, `${randomUUID()}.part`]
    writeOld(join(directory.unfinished, stale), 2 * hour)
    writeOld(join(directory.unfinished, fresh), hour / 2)

    await storage.load("old")
    expect(existsSync(directory.folder("old"))).toBe(true)
    await storage.save("current", "text", 1)
    const left = ["also-kept", "current", "kept", "only-drafts", "old-record-new-lease", "recent", "with-other-files"]
      .map(folderName)
      .toSorted()
    await expect.poll(() => readdirSync(directory.path).toSorted()).toEqual([".tokenkeep-unfinished", ...left])
    expect(readdirSync(directory.unfinished)).toEqual([fresh])
    // Records that change by comparison are not removed, whatever their age.
    await expect
      .poll(() => directory.files("kept"))
      .toEqual(["0.exclusive", "5.record", "7.exclusive", newDraft].toSorted())
    expect(directory.files("also-kept")).toEqual(["0.exclusive", "5.record"])
    expect(directory.files("only-drafts")).toEqual([])
    expect(directory.files("with-other-files")).toEqual(["5.record", "notes.txt"])
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

describe("records that change by comparison", () => {
  it("STO-7: are kept when a process prunes while another one writes the first of them", async () => {
    using directory = newDirectory()
    for (let round = 0; round < 20; round += 1) {
      const name = `name-${round}`
      setAge(writeFile(directory.folder(name), "5.record", "text"), 31 * day)
      setAge(directory.folder(name), 31 * day)
      const storage = await openStorage(directory.path)
      const [, saved] = await Promise.all([
        Effect.runPromise(prune(directory.path)),
        storage.replace(name, undefined, "v1")
      ])
      expect(saved).toBe(true)
      expect((await storage.loadExclusive(name))?.version).toBe("v1")
    }
  })

  it("STO-6: start the removal of unused files, too", async () => {
    using directory = newDirectory()
    setAge(writeFile(directory.folder("old"), "5.record", "text"), 31 * day)
    setAge(directory.folder("old"), 31 * day)
    const storage = await openStorage(directory.path)
    await storage.replace("name", undefined, "v1")
    await expect.poll(() => existsSync(directory.folder("old"))).toBe(false)
  })
})

describe("files of other programs", () => {
  it("STO-6: are not removed, whatever they are called", async () => {
    using directory = newDirectory()
    for (const folder of [".tmp", "empty", "_0000", "fences", directory.unfinished, directory.folder("name")]) {
      mkdirSync(resolve(directory.path, folder), { recursive: true, mode: 0o700 })
    }
    for (const file of [".tmp/half", `.tmp/${randomUUID()}.part`, "fences/5.record", "5.record", "name"]) {
      writeOld(join(directory.path, file))
    }
    for (const file of ["notes", `notes.part`, randomUUID()]) writeOld(join(directory.unfinished, file))
    writeOld(join(directory.folder("name"), "notes.txt"))
    for (const folder of readdirSync(directory.path)) setAge(join(directory.path, folder), 31 * day)
    const before = contentsOf(directory.path)
    await Effect.runPromise(prune(directory.path))
    expect(contentsOf(directory.path)).toEqual(before)
  })

  it("STO-6: are not removed through a link", async () => {
    using directory = newDirectory()
    const other = `${directory.path}-other`
    for (const folder of ["unfinished", "name", "empty"]) mkdirSync(join(other, folder), { recursive: true })
    writeOld(join(other, "unfinished", `${randomUUID()}.part`))
    writeOld(join(other, "name", "5.record"))
    const before = contentsOf(other)
    const storage = await openStorage(directory.path)
    await storage.save("current", "text", 1)
    renameSync(directory.unfinished, `${directory.unfinished}-away`)
    symlinkSync(join(other, "unfinished"), directory.unfinished)
    for (const name of ["name", "empty"]) {
      setAge(join(other, name), 31 * day)
      symlinkSync(join(other, name), directory.folder(name))
      lutimesSync(directory.folder(name), 0, 0)
    }
    await Effect.runPromise(prune(directory.path))
    expect(contentsOf(other)).toEqual(before)
  })
})
