import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { writeFile } from "./support/leaseFiles.ts"
import { newDirectory, openStorage } from "./support/testDirectory.ts"

const overwrite = (path: string, change: (text: string) => string) =>
  writeFileSync(path, change(readFileSync(path, "utf8")))

const notPrivate = "is too large, or is not a file of this user that only this user can access"
const isDamaged = "is damaged, or was written by a newer version"

/** How the newest file is damaged, and what the failure says. */
const damages: ReadonlyArray<readonly [damage: string, detail: string, apply: (path: string) => void]> = [
  ["emptied", isDamaged, (path) => truncateSync(path, 0)],
  ["truncated by one byte", isDamaged, (path) => truncateSync(path, statSync(path).size - 1)],
  ["changed in one letter", isDamaged, (path) => overwrite(path, (text) => text.replace(/v2$/, "v3"))],
  ["changed in its version", isDamaged, (path) => overwrite(path, (text) => text.replace(/^v2/, "v3"))],
  ["extended", isDamaged, (path) => overwrite(path, (text) => `${text}\n`)],
  ["overwritten with zeros", isDamaged, (path) => writeFileSync(path, Buffer.alloc(80))],
  ["enlarged to 2 MiB", notPrivate, (path) => truncateSync(path, 2 ** 21)],
  ["made readable by others", notPrivate, (path) => chmodSync(path, 0o644)],
  ["made writable by the group", notPrivate, (path) => chmodSync(path, 0o660)],
  ["replaced by a directory", notPrivate, (path) => (rmSync(path), mkdirSync(path))],
  ["replaced by a link to another file", notPrivate, (path) => (rmSync(path), symlinkSync("/etc/passwd", path))],
  ["replaced by a broken link", notPrivate, (path) => (rmSync(path), symlinkSync("/nowhere", path))],
  ["replaced by a pipe", notPrivate, (path) => (rmSync(path), void execFileSync("mkfifo", ["-m", "600", path]))]
]

describe("the newest revision of a record", () => {
  it.each(damages)("STO-7: %s is a failure, never an older record or none", async (_, detail, apply) => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.replace("name", undefined, "v1")
    const first = readFileSync(join(directory.folder("name"), "1.exclusive"), "utf8")
    await storage.replace("name", "v1", "v2")
    // As if the writer had been killed before it removed the older one.
    writeFile(directory.folder("name"), "1.exclusive", first)
    apply(join(directory.folder("name"), "2.exclusive"))
    const folder = directory.folder("name").slice(directory.path.length + 1)
    const failure = { detail: `${directory.path}: ${folder}/2.exclusive ${detail}`, retryable: false }
    await expect(storage.loadExclusive("name")).rejects.toMatchObject({ operation: "load", ...failure })
    for (const expected of [undefined, "v1", "v2"]) {
      await expect(storage.replace("name", expected, "v3")).rejects.toMatchObject({ operation: "replace", ...failure })
    }
    expect(directory.files("name")).toEqual(["0.exclusive", "1.exclusive", "2.exclusive"])
  })

  it("STO-7: that was removed by hand is a failure, until its folder is removed too", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.replace("name", undefined, "v1")
    await storage.replace("name", "v1", "v2")
    rmSync(join(directory.folder("name"), "2.exclusive"))
    const detail = expect.stringMatching(
      /: the record in tokenkeep-[0-9a-f]{64} was removed: restore it, or/
    ) as unknown
    await expect(storage.loadExclusive("name")).rejects.toMatchObject({ operation: "load", detail, retryable: false })
    await expect(storage.replace("name", undefined, "v3")).rejects.toMatchObject({ detail, retryable: false })
    rmSync(directory.folder("name"), { recursive: true })
    expect(await storage.loadExclusive("name")).toBeUndefined()
    expect(await storage.replace("name", undefined, "v3")).toBe(true)
  })

  it("STO-7: is in a file that only this user can access, whatever the umask", async () => {
    using directory = newDirectory()
    const umask = process.umask(0)
    try {
      const storage = await openStorage(directory.path)
      await storage.replace("name", undefined, "v1")
      expect(statSync(directory.folder("name")).mode & 0o777).toBe(0o700)
      expect(statSync(join(directory.folder("name"), "1.exclusive")).mode & 0o777).toBe(0o600)
    } finally {
      process.umask(umask)
    }
  })

  it.each(["01.exclusive", "-1.exclusive", "1e3.exclusive", "9999999999999999.exclusive", "9.exclusive2", "9.sealed"])(
    "STO-4: is not a file with another name, such as %s: it is neither read nor removed",
    async (file) => {
      using directory = newDirectory()
      const storage = await openStorage(directory.path)
      await storage.replace("name", undefined, "v1")
      const path = writeFile(directory.folder("name"), file, "of a newer version")
      expect((await storage.loadExclusive("name"))?.version).toBe("v1")
      expect(await storage.replace("name", "v1", "v2")).toBe(true)
      expect(await storage.replace("name", "v2", "v3")).toBe(true)
      expect((await storage.loadExclusive("name"))?.version).toBe("v3")
      expect(readFileSync(path, "utf8")).toBe("of a newer version")
    }
  )
})

describe("a change of a record", () => {
  it("STO-7: is made once if it is repeated, until another one replaces it", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    expect(await storage.replace("name", undefined, "v1")).toBe(true)
    expect(await storage.replace("name", undefined, "v1")).toBe(true)
    expect(directory.files("name")).toEqual(["1.exclusive"])
    expect(await storage.replace("name", "v1", "v2")).toBe(true)
    expect(await storage.replace("name", undefined, "v1")).toBe(false)
    expect(await storage.replace("name", "v1", "v3")).toBe(false)
    expect((await storage.loadExclusive("name"))?.version).toBe("v2")
  })

  it("STO-7: is refused for a fence below a granted one, also of a released lease, and not for that of a record", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const first = await storage.acquireLease("name", "first")
    expect(await storage.replace("name", undefined, "v1", first.fence)).toBe(true)
    await first.release()
    const second = await storage.acquireLease("name", "second")
    expect(await storage.replace("name", "v1", "v2", first.fence)).toBe(false)
    await second.release()
    expect(await storage.replace("name", "v1", "v2", first.fence)).toBe(false)
    expect(await storage.replace("name", "v1", "v2", second.fence)).toBe(true)
    expect(await storage.replace("name", "v2", "v3")).toBe(true)
    await storage.save("name", "a record that may be lost", second.fence + 5)
    expect(await storage.replace("name", "v3", "v4", second.fence)).toBe(true)
    expect((await storage.loadExclusive("name"))?.version).toBe("v4")
  })

  it.each([
    ["a version with other characters", { version: "V 1", text: "" }, /the version is not 1 to 64/],
    ["an empty version", { version: "", text: "" }, /the version is not 1 to 64/],
    ["a text above 64 KiB", { version: "v1", text: "é".repeat(32_769) }, /the record is larger than 65536 bytes/]
  ])("STO-7: with %s fails, and is not retried", async (_, record, detail) => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await expect(storage.replaceRecord("name", { expected: undefined, record })).rejects.toMatchObject({
      operation: "replace",
      detail: expect.stringMatching(detail) as unknown,
      retryable: false
    })
  })

  it("STO-7: keeps a text of 64 KiB with any characters", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const text = `\ufeff\n\u0000\r\n${"é".repeat(32_760)}`
    expect(await storage.replaceRecord("name", { expected: undefined, record: { version: "v1", text } })).toBe(true)
    expect(await storage.loadExclusive("name")).toEqual({ version: "v1", text })
  })
})
