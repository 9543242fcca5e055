import { readdirSync } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { basename } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { newDirectory, openStorage, type TestDirectory } from "./support/testDirectory.ts"

type Call = (...args: ReadonlyArray<unknown>) => Promise<unknown>

/** Runs instead of each disk call. */
let disk: (name: string, path: string, call: () => Promise<unknown>) => Promise<unknown> = (_, __, call) => call()

// The disk is real. A call may wait, as in a process that is frozen or killed before it, or fail.
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const replaced =
    (name: string, call: Call): Call =>
    (...args) =>
      disk(name, String(args[0]), () => call(...args))
  const open: Call = async (...args) => {
    const file = (await (real.open as Call)(...args)) as FileHandle
    const sync = file.sync.bind(file)
    return Object.assign(file, { sync: () => disk("sync", String(args[0]), sync) })
  }
  const names = ["readdir", "link", "unlink", "lstat", "stat", "mkdir"] as const
  const calls = names.map((name) => [name, replaced(name, real[name] as Call)])
  return { ...real, ...Object.fromEntries(calls), open: replaced("open", open) }
})

afterEach(() => {
  disk = (_, __, call) => call()
})

/** What a file is, whatever its number. */
const kindOf = (path: string): string => {
  const name = basename(path)
  if (name.startsWith("tokenkeep-")) return "folder"
  return /^\d+$/.test(name.split(".")[0] ?? "") ? name : (name.split(".").at(-1) ?? "")
}

/** A writer that stops before its disk call of this number. Its other calls wait until it continues. */
const stopBefore = (moment: number) => {
  let calls = 0
  let resume: () => void = () => undefined
  const resumed = new Promise<void>((resolve) => (resume = resolve))
  let hasStopped: () => void = () => undefined
  const stopped = new Promise<void>((resolve) => (hasStopped = resolve))
  disk = (_, __, call) => {
    calls += 1
    if (calls !== moment) return call()
    disk = (_name, _path, others) => others()
    hasStopped()
    return resumed.then(call)
  }
  return { stopped, resume, count: () => calls }
}

const prepareTwo = async ({ path }: TestDirectory) => {
  const storage = await openStorage(path)
  await storage.replace("name", undefined, "v1")
  await storage.replace("name", "v1", "v2")
  const lease = await storage.acquireLease("name", "late")
  await lease.release()
  return lease.fence
}

/** Runs a case for each disk call of a writer of version `late`. Returns how many calls the writer made. */
const atEachCall = async (
  test: (directory: TestDirectory, resume: () => Promise<boolean>) => Promise<void>,
  isFirst = false
): Promise<number> => {
  for (let moment = 1; ; moment += 1) {
    using directory = newDirectory()
    const fence = isFirst ? undefined : await prepareTwo(directory)
    const storage = await openStorage(directory.path)
    const writer = stopBefore(moment)
    const writing = storage.replace("name", isFirst ? undefined : "v2", "late", fence)
    const isDone = await Promise.race([writing.then(() => true), writer.stopped.then(() => false)])
    if (isDone) return moment - 1
    await test(directory, () => {
      writer.resume()
      return writing
    })
    await writing
  }
}

const exclusiveFiles = (directory: TestDirectory) =>
  directory.files("name").filter((file) => /\.(exclusive|draft)$/.test(file))

describe("a writer of a record that changes by comparison", () => {
  it("STO-7: killed before any of its disk calls, leaves the old or the new record, and the next one can save", async () => {
    const found = new Set<string | undefined>()
    const calls = await atEachCall(async (directory, resume) => {
      const storage = await openStorage(directory.path)
      const version = (await storage.loadExclusive("name"))?.version
      expect(["v2", "late"]).toContain(version)
      found.add(version)
      // The process starts again and repeats what it was doing.
      expect(await storage.replace("name", "v2", "late")).toBe(true)
      expect(await storage.replace("name", "late", "v4")).toBe(true)
      expect(await storage.loadExclusive("name")).toEqual({ version: "v4", text: "v4" })
      // Nothing is left of the killed writer.
      expect(exclusiveFiles(directory)).toEqual(["0.exclusive", "4.exclusive"])
      // The killed writer is frozen for ever. This only ends the test.
      await resume()
    })
    expect(found).toEqual(new Set(["v2", "late"]))
    expect(calls).toBeGreaterThan(12)
  })

  it("STO-7: killed before any disk call of the first change, leaves no record or a whole one", async () => {
    const found = new Set<string | undefined>()
    const killed = async (directory: TestDirectory, resume: () => Promise<boolean>) => {
      const storage = await openStorage(directory.path)
      const version = (await storage.loadExclusive("name"))?.version
      expect([undefined, "late"]).toContain(version)
      found.add(version)
      expect(await storage.replace("name", version, "v2")).toBe(true)
      expect(await resume()).toBe(version === "late")
      expect(await storage.loadExclusive("name")).toEqual({ version: "v2", text: "v2" })
    }
    expect(await atEachCall(killed, true)).toBeGreaterThan(20)
    expect(found).toEqual(new Set([undefined, "late"]))
  })

  it("STO-7: frozen before any of its disk calls, brings no older record back when it continues", async () => {
    const results = new Set<boolean>()
    await atEachCall(async (directory, resume) => {
      const storage = await openStorage(directory.path)
      let version = (await storage.loadExclusive("name"))?.version
      const wasLinked = version === "late"
      for (const next of ["v4", "v5", "v6"]) {
        expect(await storage.replace("name", version, next)).toBe(true)
        version = next
      }
      expect(await resume()).toBe(wasLinked)
      results.add(wasLinked)
      expect(exclusiveFiles(directory)).toHaveLength(2)
      expect(await storage.loadExclusive("name")).toEqual({ version: "v6", text: "v6" })
    })
    expect(results).toEqual(new Set([true, false]))
  })

  it("STO-7: frozen before any of its disk calls, does not save after a higher fence was granted", async () => {
    const results = new Set<boolean>()
    await atEachCall(async (directory, resume) => {
      const storage = await openStorage(directory.path)
      await storage.acquireLease("name", "next")
      const before = await storage.loadExclusive("name")
      const result = await resume()
      expect(result).toBe(before?.version === "late")
      results.add(result)
      expect(await storage.loadExclusive("name")).toEqual(before)
    })
    expect(results).toEqual(new Set([true, false]))
  })

  it("STO-7: waits for the disk: for the file before its name, for its name before the old one is removed", async () => {
    using directory = newDirectory()
    await prepareTwo(directory)
    const storage = await openStorage(directory.path)
    const calls: Array<string> = []
    disk = (name, path, call) => {
      if (["link", "sync", "unlink"].includes(name)) calls.push(`${name} ${kindOf(path)}`)
      return call()
    }
    expect(await storage.replace("name", "v2", "v3")).toBe(true)
    expect(calls).toEqual([
      "sync draft",
      "link draft",
      "sync folder",
      "unlink draft",
      "unlink 2.exclusive",
      "unlink draft"
    ])
    calls.length = 0
    // The first writer may have been killed before it waited for the disk.
    expect(await storage.replace("name", "v2", "v3")).toBe(true)
    expect(calls).toEqual(["sync draft", "sync folder", "unlink draft"])
  })

  it("STO-7: waits for the disk to store the names of new folders before the first record", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const calls: Array<string> = []
    disk = (name, path, call) => {
      if (["link", "sync"].includes(name)) calls.push(name === "link" ? name : `sync ${basename(path)}`)
      return call()
    }
    expect(await storage.replace("name", undefined, "v1")).toBe(true)
    expect(calls.indexOf("sync tokens")).toBeGreaterThan(0)
    expect(calls.indexOf("link")).toBeGreaterThan(calls.indexOf("sync tokens"))
  })
})

describe("a disk that fails", () => {
  const failing = (failed: string, code: string) => {
    disk = (name, _, call) =>
      name === failed ? Promise.reject(Object.assign(new Error("of the system"), { code })) : call()
  }

  it.each(["EPERM", "ENOTSUP", "ENOSYS", "EXDEV"])(
    "STO-7: without hard links (%s) is an error that says so and is not retried",
    async (code) => {
      using directory = newDirectory()
      const storage = await openStorage(directory.path)
      failing("link", code)
      const error = await storage.replace("name", undefined, "v1").catch((cause: unknown) => cause)
      expect(error).toMatchObject({
        _tag: "StorageFailure",
        operation: "replace",
        detail: `${directory.path}: link failed with ${code} (the file system permits no hard links: use a directory on another one)`,
        retryable: false
      })
      expect(readdirSync(directory.folder("name"))).toEqual([])
      expect(await storage.loadExclusive("name")).toBeUndefined()
    }
  )

  it("STO-7: while a folder is stored, fails the change, and a repeated change succeeds", async () => {
    using directory = newDirectory()
    await prepareTwo(directory)
    const storage = await openStorage(directory.path)
    disk = (name, path, call) =>
      name === "sync" && kindOf(path) === "folder"
        ? Promise.reject(Object.assign(new Error("of the system"), { code: "EIO" }))
        : call()
    const error = await storage.replace("name", "v2", "v3").catch((cause: unknown) => cause)
    expect(error).toMatchObject({ operation: "replace", detail: `${directory.path}: fsync failed with EIO` })
    disk = (_, __, call) => call()
    expect(await storage.replace("name", "v2", "v3")).toBe(true)
  })

  it("STO-7: whose folders cannot be stored one by one keeps records all the same", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    disk = (name, path, call) =>
      name === "sync" && kindOf(path) !== "draft"
        ? Promise.reject(Object.assign(new Error("of the system"), { code: "EINVAL" }))
        : call()
    expect(await storage.replace("name", undefined, "v1")).toBe(true)
  })

  it("STO-7: and does not remove old files, still saves the new record, which is the one that counts", async () => {
    using directory = newDirectory()
    await prepareTwo(directory)
    const storage = await openStorage(directory.path)
    failing("unlink", "EBUSY")
    expect(await storage.replace("name", "v2", "v3")).toBe(true)
    expect((await storage.loadExclusive("name"))?.version).toBe("v3")
    disk = (_, __, call) => call()
    expect(await storage.replace("name", "v3", "v4")).toBe(true)
    expect(exclusiveFiles(directory)).toEqual(["0.exclusive", "4.exclusive"])
  })
})
