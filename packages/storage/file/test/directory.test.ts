import type { StorageFailure } from "@tokenkeep/core"
import { execFileSync } from "node:child_process"
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { newDirectory, openStorage, type TestDirectory } from "./support/testDirectory.ts"
import { startWorker } from "./support/workers.ts"

const unprivilegedUser = 65_534
const isRoot = process.getuid?.() === 0

/** The failure of each operation, or undefined if it succeeded. */
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
    await failureOf(storage.requestLease("name", "me"))
  ]
}

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

const folders: ReadonlyArray<readonly [string, (directory: TestDirectory) => string]> = [
  ["the directory", ({ path }) => path],
  ["the folder of a name", ({ folder }) => folder("name")],
  ["the folder of unfinished files", ({ unfinished }) => unfinished]
]

describe("a directory that other users can change", () => {
  it.each([
    ["777", "other users"],
    ["1777", "other users"],
    ["722", "other users"],
    ["770", "the group"],
    ["2770", "the group"]
  ])("STO-3: with mode %s is rejected as insecure and not changed", async (mode, writers) => {
    using directory = newDirectory()
    mkdirSync(directory.path)
    chmodSync(directory.path, mode)
    for (const failure of await failuresOf(directory.path)) {
      expect(failure).toMatchObject({ _tag: "StorageFailure", insecure: true })
      expect(failure?.detail).toBe(`${directory.path}: ${writers} may write to it, or to a folder in it`)
    }
    expect(readdirSync(directory.path)).toEqual([])
    expect(modeOf(directory.path)).toBe(mode)
  })

  it("STO-3: that belongs to another user is rejected as insecure", async () => {
    using directory = newDirectory()
    mkdirSync(directory.path, { mode: 0o700 })
    // Without root, use a directory that belongs to root.
    if (isRoot) chownSync(directory.path, unprivilegedUser, unprivilegedUser)
    const path = isRoot ? directory.path : "/usr"
    const owner = isRoot ? unprivilegedUser : 0
    for (const failure of await failuresOf(path)) {
      const users = `belongs to user ${owner}, and this process runs as user ${process.geteuid?.()}`
      const detail = `${path}: it, or a folder in it, ${users}`
      expect(failure).toMatchObject({ insecure: true, detail })
    }
  })

  it("STO-3: is rejected also if it is reached through a link", async () => {
    using directory = newDirectory()
    mkdirSync(`${directory.path}-open`)
    chmodSync(`${directory.path}-open`, 0o777)
    symlinkSync(`${directory.path}-open`, directory.path)
    for (const failure of await failuresOf(directory.path)) expect(failure?.insecure).toBe(true)
  })

  it.each(folders)("STO-3: is rejected if others may write to %s", async (_, pathOf) => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "text", 1)
    chmodSync(pathOf(directory), 0o777)
    await expect(storage.save("name", "next", 2)).rejects.toMatchObject({ insecure: true })
    await expect(storage.requestLease("name", "me")).rejects.toMatchObject({ insecure: true })
  })

  it("STO-3: is rejected if a folder in it is a link", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("other", "text", 1)
    symlinkSync(directory.folder("other"), directory.folder("name"))
    const detail = `${directory.path}: it, or a folder in it, is not a directory`
    await expect(storage.load("name")).rejects.toMatchObject({ detail })
    await expect(storage.save("name", "next", 2)).rejects.toMatchObject({ detail })
  })
})

describe("a directory that only this user can change", () => {
  it("STO-3: may be reached through a link and listed by others", async () => {
    using directory = newDirectory()
    mkdirSync(`${directory.path}-far`, { mode: 0o755 })
    symlinkSync(`${directory.path}-far`, directory.path)
    expect(await failuresOf(directory.path)).toEqual([undefined, undefined, undefined, undefined])
  })

  it("is created with its parents", async () => {
    using directory = newDirectory()
    const deep = join(directory.path, "some", "state", "tokens")
    expect(await failuresOf(deep)).toEqual([undefined, undefined, undefined, undefined])
    expect([directory.path, deep].map(modeOf)).toEqual(["700", "700"])
  })

  it.each(["0", "177", "22"])(
    "STO-3: gets files of mode 0600 and folders of mode 0700 with umask %s",
    async (umask) => {
      using directory = newDirectory()
      if (isRoot) chmodSync(join(directory.path, ".."), 0o777)
      await using worker = await startWorker({
        directory: directory.path,
        umask,
        ...(isRoot ? { uid: unprivilegedUser } : undefined)
      })
      await worker.run("acquireLease", { name: "name", owner: "me", millis: 10_000 })
      await worker.run("save", { name: "name", text: "text", fence: 2_000_000_000_000 })
      for (const [, pathOf] of folders) expect(modeOf(pathOf(directory))).toBe("700")
      const files = directory.files("name")
      expect(files).toHaveLength(2)
      for (const file of files) expect(modeOf(join(directory.folder("name"), file))).toBe("600")
      expect(await worker.run("load", { name: "name" })).toEqual({ text: "text", fence: 2_000_000_000_000 })
    }
  )
})

/** What Kubernetes does at a mount with `fsGroup`. */
const mountWithGroup = (path: string): void => {
  const found = statSync(path)
  chmodSync(path, (found.mode & 0o7777) | (found.isDirectory() ? 0o2770 : 0o660))
  if (!found.isDirectory()) return
  for (const file of readdirSync(path)) mountWithGroup(join(path, file))
}

describe("a directory that a mount opens to its group", () => {
  it("STO-3: is closed again by each operation, and what the group could write is not trusted", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "text", 1)
    const operations = [
      () => storage.load("name"),
      () => storage.save("other", "text", 1),
      () => storage.requestLease("name", "me")
    ]
    for (const run of operations) {
      mountWithGroup(directory.path)
      await run()
      expect([directory.path, directory.unfinished].map(modeOf)).toEqual(["700", "700"])
    }
    expect(modeOf(directory.folder("name"))).toBe("700")
    expect(await storage.load("name")).toEqual({ text: "", fence: 1 })
    const lease = await storage.acquireLease("name", "me")
    expect(await storage.save("name", "replaced", lease.fence)).toBe(true)
    expect(await storage.load("name")).toEqual({ text: "replaced", fence: lease.fence })
  })

  it.each(folders)("STO-3: is closed again if only %s is open", async (_, pathOf) => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "text", 1)
    chmodSync(pathOf(directory), 0o2770)
    expect(await storage.save("name", "next", 2)).toBe(true)
    expect(modeOf(pathOf(directory))).toBe("700")
    expect(await storage.load("name")).toEqual({ text: "next", fence: 2 })
  })
})

/** Makes the disk read-only if this user may mount one, otherwise the folders. */
const makeReadOnly = (directory: TestDirectory) => {
  const { path } = directory
  try {
    execFileSync("mount", ["--bind", path, path], { stdio: "ignore" })
    execFileSync("mount", ["-o", "remount,bind,ro", path], { stdio: "ignore" })
    return { code: "EROFS", [Symbol.dispose]: () => void execFileSync("umount", [path]) }
  } catch {
    const setModes = (mode: number) => {
      for (const [, pathOf] of folders) chmodSync(pathOf(directory), mode)
    }
    setModes(0o500)
    return { code: "EACCES", [Symbol.dispose]: () => setModes(0o700) }
  }
}

describe("a directory that cannot be used", () => {
  it.each(["EACCES", "ENOTDIR"] as const)(
    "STO-2: fails with %s and an error that names the directory",
    async (code) => {
      using directory = newDirectory()
      const readOnly = directory.path
      mkdirSync(readOnly, { mode: 0o500 })
      writeFileSync(`${readOnly}-file`, "")
      const path = code === "EACCES" ? join(readOnly, "tokens") : join(`${readOnly}-file`, "tokens")
      if (isRoot && code === "EACCES") chownSync(readOnly, unprivilegedUser, unprivilegedUser)
      if (isRoot) chmodSync(join(readOnly, ".."), 0o711)
      await using worker = await startWorker({ directory: path, ...(isRoot ? { uid: unprivilegedUser } : undefined) })
      const problems = {
        EACCES: "mkdir failed with EACCES (check who may access it)",
        ENOTDIR: "stat failed with ENOTDIR (a part of the path is not a directory)"
      }
      const detail = `${path}: ${problems[code]}`
      const failure = { _tag: "StorageFailure", detail, retryable: false }
      const save = worker.run("save", { name: "name", text: "text", fence: 1 })
      await expect(save).rejects.toMatchObject({ ...failure, operation: "save" })
      const request = worker.run("acquireLease", { name: "name", owner: "me", millis: 10 })
      await expect(request).rejects.toMatchObject({ ...failure, operation: "acquireLease" })
    }
  )

  it("STO-2: because the disk is read-only still returns the saved record, and a retry is no use", async () => {
    using directory = newDirectory()
    if (isRoot) chmodSync(join(directory.path, ".."), 0o777)
    await using worker = await startWorker({
      directory: directory.path,
      ...(isRoot ? { uid: unprivilegedUser } : undefined)
    })
    await worker.run("save", { name: "name", text: "text", fence: 1 })
    using disk = makeReadOnly(directory)
    expect(await worker.run("load", { name: "name" })).toEqual({ text: "text", fence: 1 })
    const failure = { detail: expect.stringContaining(`failed with ${disk.code}`) as unknown, retryable: false }
    await expect(worker.run("save", { name: "name", text: "next", fence: 2 })).rejects.toMatchObject(failure)
    await expect(worker.run("remove", { name: "name" })).rejects.toMatchObject(failure)
    const request = worker.run("acquireLease", { name: "name", owner: "me", millis: 10 })
    await expect(request).rejects.toMatchObject(failure)
  })

  it("STO-2: that became read-only still returns the saved record", async () => {
    using directory = newDirectory()
    if (isRoot) chmodSync(join(directory.path, ".."), 0o777)
    await using worker = await startWorker({
      directory: directory.path,
      ...(isRoot ? { uid: unprivilegedUser } : undefined)
    })
    await worker.run("save", { name: "name", text: "text", fence: 1 })
    for (const [, pathOf] of folders) chmodSync(pathOf(directory), 0o500)
    await expect(worker.run("save", { name: "name", text: "next", fence: 2 })).rejects.toMatchObject({
      detail: expect.stringContaining("open failed with EACCES") as unknown
    })
    await expect(worker.run("remove", { name: "name" })).rejects.toMatchObject({
      detail: expect.stringContaining("unlink failed with EACCES") as unknown
    })
    expect(await worker.run("load", { name: "name" })).toEqual({ text: "text", fence: 1 })
    for (const [, pathOf] of folders) chmodSync(pathOf(directory), 0o700)
    expect(await worker.run("save", { name: "name", text: "next", fence: 2 })).toBe(true)
  })
})

const fileLimit = {
  code: "EFBIG",
  prefix: ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh"],
  [Symbol.dispose]: () => undefined
}

/** A disk of 32 KiB if this user may mount one, otherwise a limit of 8 KiB per file. */
const smallDisk = ({ path }: TestDirectory) => {
  mkdirSync(path, { mode: 0o700 })
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=32k,mode=700", "tmpfs", path], { stdio: "ignore" })
    return { code: "ENOSPC", prefix: [], [Symbol.dispose]: () => void execFileSync("umount", [path]) }
  } catch {
    return fileLimit
  }
}

describe("a full disk", () => {
  it.each([
    ["for all processes", smallDisk],
    ["for this process", () => fileLimit]
  ])("STO-2, STO-3: %s makes the save fail and keeps the last record", async (_, make) => {
    using directory = newDirectory()
    using disk = make(directory)
    const text = "t".repeat(3_000)
    {
      await using worker = await startWorker({ directory: directory.path, prefix: disk.prefix })
      await worker.run("save", { name: "name", text, fence: 1 })
      for (let time = 0; time < 5; time += 1) {
        const save = worker.run("save", { name: "name", text: "x".repeat(100_000), fence: 2 })
        const failure = await save.catch((cause: unknown) => cause)
        expect(failure).toMatchObject({
          operation: "save",
          detail: expect.stringContaining(`write failed with ${disk.code}`) as unknown
        })
        // Other programs may free space, but nothing shortens the record.
        expect((failure as StorageFailure).retryable).toBe(disk.code === "ENOSPC" ? undefined : false)
        expect(await worker.run("load", { name: "name" })).toEqual({ text, fence: 1 })
      }
      // The unfinished files were removed, so there is space again.
      expect(readdirSync(directory.unfinished)).toEqual([])
      const lease = await worker.run("acquireLease", { name: "name", owner: "me", millis: 10_000 })
      expect(lease).toMatchObject({ _tag: "Lease" })
      expect(await worker.run("save", { name: "name", text: "smaller", fence: lease.fence })).toBe(true)
      expect(await worker.run("load", { name: "name" })).toEqual({ text: "smaller", fence: lease.fence })
    }
  })
})
