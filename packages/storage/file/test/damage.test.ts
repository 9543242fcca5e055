import { execFileSync } from "node:child_process"
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { newDirectory, openStorage } from "./support/testDirectory.ts"

/** How the file of a record is damaged, and the text that is loaded from it. */
const damages: ReadonlyArray<readonly [damage: string, loaded: string, apply: (path: string) => void]> = [
  ["truncated", "the t", (path) => truncateSync(path, 5)],
  ["emptied", "", (path) => truncateSync(path, 0)],
  ["overwritten with other bytes", "\u0000\ufffd\ufffd", (path) => writeFileSync(path, Buffer.from([0, 0xff, 0xfe]))],
  ["enlarged to 2 MiB", "", (path) => truncateSync(path, 2 ** 21)],
  ["made readable by others", "", (path) => chmodSync(path, 0o644)],
  ["made writable by the group", "", (path) => chmodSync(path, 0o620)],
  ["replaced by a directory", "", (path) => (rmSync(path), mkdirSync(path))],
  ["replaced by a link to another file", "", (path) => (rmSync(path), symlinkSync("/etc/passwd", path))],
  ["replaced by a broken link", "", (path) => (rmSync(path), symlinkSync("/nowhere", path))],
  ["replaced by a pipe", "", (path) => (rmSync(path), void execFileSync("mkfifo", ["-m", "600", path]))]
]

describe("a damaged record", () => {
  it.each(damages)("STO-3: %s loads as %j, and the next lease owner replaces it", async (_, loaded, apply) => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "the text", 10)
    const path = join(directory.folder("name"), "10.record")
    apply(path)
    expect(await storage.load("name")).toEqual({ text: loaded, fence: 10 })

    const lease = await storage.acquireLease("name", "me")
    expect(lease.fence).toBeGreaterThan(10)
    expect(await storage.save("name", "replaced", lease.fence)).toBe(true)
    expect(await storage.load("name")).toEqual({ text: "replaced", fence: lease.fence })
    expect(lstatSync(join(directory.folder("name"), `${lease.fence}.record`)).mode & 0o777).toBe(0o600)
    // A link is not followed, neither to read nor to write.
    expect(readFileSync("/etc/passwd", "utf8")).not.toContain("replaced")
  })

  it("STO-3: that others can read is replaced also with its own fence", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "the text", 10)
    const path = join(directory.folder("name"), "10.record")
    chmodSync(path, 0o666)
    expect(await storage.save("name", "again", 10)).toBe(true)
    expect(await storage.load("name")).toEqual({ text: "again", fence: 10 })
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
  })

  it("STO-3: is never caused by a record that is too large: its save fails", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "small", 1)
    const error = await storage.save("name", "x".repeat(2_000_000), 2).catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      _tag: "StorageFailure",
      operation: "save",
      detail: `${directory.path}: the record is larger than 1048576 bytes`
    })
    expect((await storage.load("name"))?.text).toBe("small")
  })

  it.each(["name.txt", "010.record", "-0.record", "1e3.record", "99999999999999999.record", "9.token", ".9.record"])(
    "STO-4: is not a file with another name, such as %s: it is neither read nor removed",
    async (file) => {
      using directory = newDirectory()
      const storage = await openStorage(directory.path)
      await storage.save("name", "the text", 5)
      const path = join(directory.folder("name"), file)
      writeFileSync(path, "of a newer version", { mode: 0o600 })
      expect(await storage.load("name")).toEqual({ text: "the text", fence: 5 })
      expect(await storage.save("name", "the next", 6)).toBe(true)
      expect((await storage.acquireLease("name", "me")).fence).toBe(7)
      await storage.remove("name")
      expect(readFileSync(path, "utf8")).toBe("of a newer version")
    }
  )
})
