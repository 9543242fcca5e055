import type { StorageFailure } from "@tokenkeep/core"
import { execFileSync } from "node:child_process"
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { newPlace, openStorage, type Place } from "./support/directories.ts"
import { startWorker } from "./support/processes.ts"

const nobody = 65_534
const isRoot = process.getuid?.() === 0

/** Each operation's failure; what did not fail is undefined. */
const failuresOf = async (directory: string): Promise<ReadonlyArray<StorageFailure | undefined>> => {
  const storage = await openStorage(directory)
  const failureOf = (run: Promise<unknown>) =>
    run.then(
      () => undefined,
      (cause: StorageFailure) => cause
    )
  return [
    await failureOf(storage.load("name")),
    await failureOf(storage.save("name", "text", 1)),
    await failureOf(storage.remove("name")),
    await failureOf(storage.ask("name", "me"))
  ]
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe("a directory that is not this user's alone", () => {
  it.each([0o777, 0o1777, 0o770, 0o722])("STO-3: with mode %o is refused as insecure, and left alone", async (mode) => {
    using place = newPlace()
    mkdirSync(place.directory)
    chmodSync(place.directory, mode)
    for (const failure of await failuresOf(place.directory)) {
      expect(failure).toMatchObject({ _tag: "StorageFailure", insecure: true })
      expect(failure?.detail).toBe("other users may write to the directory")
    }
    expect(readdirSync(place.directory)).toEqual([])
  })

  it("STO-3: of another user is refused as insecure", async () => {
    using place = newPlace()
    mkdirSync(place.directory, { mode: 0o700 })
    // Who is not root can look at what is root's.
    if (isRoot) chownSync(place.directory, nobody, nobody)
    for (const failure of await failuresOf(isRoot ? place.directory : "/usr")) {
      expect(failure).toMatchObject({ insecure: true, detail: "the directory belongs to another user" })
    }
  })

  it("STO-3: is refused as well where a link leads to it", async () => {
    using place = newPlace()
    mkdirSync(`${place.directory}-open`)
    chmodSync(`${place.directory}-open`, 0o777)
    symlinkSync(`${place.directory}-open`, place.directory)
    for (const failure of await failuresOf(place.directory)) expect(failure?.insecure).toBe(true)
  })

  it.each(["name", ".tmp"])("STO-3: is refused where %s in it is open to others", async (inner) => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await storage.save("name", "text", 1)
    chmodSync(join(place.directory, inner), 0o777)
    await expect(storage.save("name", "next", 2)).rejects.toMatchObject({ insecure: true })
    await expect(storage.ask("name", "me")).rejects.toMatchObject({ insecure: true })
  })

  it("STO-3: a link in the place of a name's folder is not followed", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await storage.save("other", "text", 1)
    symlinkSync(place.folder("other"), place.folder("name"))
    await expect(storage.load("name")).rejects.toMatchObject({ detail: "ENOTDIR (stat)" })
    await expect(storage.save("name", "next", 2)).rejects.toMatchObject({ detail: "ENOTDIR (stat)" })
  })
})

describe("a directory that is this user's alone", () => {
  it("STO-3: may be reached through a link, and be read by others: its files cannot", async () => {
    using place = newPlace()
    mkdirSync(`${place.directory}-far`, { mode: 0o755 })
    symlinkSync(`${place.directory}-far`, place.directory)
    expect(await failuresOf(place.directory)).toEqual([undefined, undefined, undefined, undefined])
  })

  it("is made with its parents", async () => {
    using place = newPlace()
    const deep = join(place.directory, "some", "state", "tokens")
    expect(await failuresOf(deep)).toEqual([undefined, undefined, undefined, undefined])
    expect([place.directory, deep].map(modeOf)).toEqual(["700", "700"])
  })

  it.each(["0", "777", "22"])(
    "STO-3: holds files of mode 0600 in folders of mode 0700 under umask %s",
    async (umask) => {
      using place = newPlace()
      if (isRoot) chmodSync(join(place.directory, ".."), 0o777)
      await using worker = await startWorker({
        directory: place.directory,
        umask,
        ...(isRoot ? { uid: nobody } : undefined)
      })
      await worker.tell("exclusive", { name: "name", owner: "me", millis: 10_000 })
      await worker.tell("save", { name: "name", text: "text", fence: 2_000_000_000_000 })
      for (const folder of ["", "name", ".tmp"]) expect(modeOf(join(place.directory, folder))).toBe("700")
      const files = place.files("name")
      expect(files).toHaveLength(2)
      for (const file of files) expect(modeOf(join(place.folder("name"), file))).toBe("600")
      expect(await worker.tell("load", { name: "name" })).toEqual({ text: "text", fence: 2_000_000_000_000 })
    }
  )
})

describe("a directory that does not work", () => {
  it.each(["EACCES", "ENOTDIR"])("STO-2: fails with %s and nothing that leads anywhere", async (code) => {
    using place = newPlace()
    const unwritable = place.directory
    mkdirSync(unwritable, { mode: 0o500 })
    writeFileSync(`${place.directory}-file`, "")
    const directory = code === "EACCES" ? join(unwritable, "tokens") : join(`${place.directory}-file`, "tokens")
    if (isRoot && code === "EACCES") chownSync(unwritable, nobody, nobody)
    if (isRoot) chmodSync(join(place.directory, ".."), 0o711)
    await using worker = await startWorker({ directory, ...(isRoot ? { uid: nobody } : undefined) })
    const save = worker.tell("save", { name: "name", text: "text", fence: 1 })
    const details = { EACCES: "EACCES (mkdir)", ENOTDIR: "ENOTDIR (stat)" }
    await expect(save).rejects.toMatchObject({
      _tag: "StorageFailure",
      operation: "save",
      detail: details[code as keyof typeof details]
    })
    await expect(worker.tell("exclusive", { name: "name", owner: "me", millis: 10 })).rejects.toMatchObject({
      operation: "exclusive",
      message: expect.not.stringContaining(directory) as unknown
    })
  })

  it("STO-2: that became unwritable still answers what was saved", async () => {
    using place = newPlace()
    if (isRoot) chmodSync(join(place.directory, ".."), 0o777)
    await using worker = await startWorker({ directory: place.directory, ...(isRoot ? { uid: nobody } : undefined) })
    await worker.tell("save", { name: "name", text: "text", fence: 1 })
    for (const folder of ["name", ".tmp"]) chmodSync(join(place.directory, folder), 0o500)
    await expect(worker.tell("save", { name: "name", text: "next", fence: 2 })).rejects.toMatchObject({
      detail: "EACCES (open)"
    })
    await expect(worker.tell("remove", { name: "name" })).rejects.toMatchObject({ detail: "EACCES (unlink)" })
    expect(await worker.tell("load", { name: "name" })).toEqual({ text: "text", fence: 1 })
    for (const folder of ["name", ".tmp"]) chmodSync(join(place.directory, folder), 0o700)
    expect(await worker.tell("save", { name: "name", text: "next", fence: 2 })).toBe(true)
  })
})

/** A disk of 32 KiB where this user may mount one; else files of 8 KiB at most. */
const smallDisk = ({ directory }: Place) => {
  mkdirSync(directory, { mode: 0o700 })
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=32k,mode=700", "tmpfs", directory], { stdio: "ignore" })
    return { code: "ENOSPC", under: [], [Symbol.dispose]: () => void execFileSync("umount", [directory]) }
  } catch {
    return { code: "EFBIG", under: ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh"], [Symbol.dispose]: () => undefined }
  }
}

const fileLimit = {
  code: "EFBIG",
  under: ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh"],
  [Symbol.dispose]: () => undefined
}

describe("a disk that is full", () => {
  it.each([
    ["for everybody", smallDisk],
    ["for this process", () => fileLimit]
  ])("STO-2, STO-3: %s fails the save, and the last record stays whole", async (_, make) => {
    using place = newPlace()
    using disk = make(place)
    const text = "t".repeat(3_000)
    {
      await using worker = await startWorker({ directory: place.directory, under: disk.under })
      await worker.tell("save", { name: "name", text, fence: 1 })
      for (let time = 0; time < 5; time += 1) {
        const save = worker.tell("save", { name: "name", text: "x".repeat(100_000), fence: 2 })
        await expect(save).rejects.toMatchObject({ operation: "save", detail: `${disk.code} (write)` })
        expect(await worker.tell("load", { name: "name" })).toEqual({ text, fence: 1 })
      }
      // What was begun is gone: there is room again.
      expect(readdirSync(join(place.directory, ".tmp"))).toEqual([])
      const lease = await worker.tell("exclusive", { name: "name", owner: "me", millis: 10_000 })
      expect(lease).toMatchObject({ _tag: "Lease" })
      expect(await worker.tell("save", { name: "name", text: "smaller", fence: lease.fence })).toBe(true)
      expect(await worker.tell("load", { name: "name" })).toEqual({ text: "smaller", fence: lease.fence })
    }
  })
})
