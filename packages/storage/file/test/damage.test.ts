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
import { newPlace, openStorage } from "./support/directories.ts"

/** What became of a record's file, and what is then read in its place. */
const damages: ReadonlyArray<readonly [what: string, read: string, damage: (path: string) => void]> = [
  ["cut short", "the t", (path) => truncateSync(path, 5)],
  ["emptied", "", (path) => truncateSync(path, 0)],
  ["garbage", "\u0000\ufffd\ufffd", (path) => writeFileSync(path, Buffer.from([0, 0xff, 0xfe]))],
  ["a flood", "", (path) => truncateSync(path, 2 ** 21)],
  ["readable by others", "", (path) => chmodSync(path, 0o644)],
  ["writable by the group", "", (path) => chmodSync(path, 0o620)],
  ["a directory", "", (path) => (rmSync(path), mkdirSync(path))],
  ["a link to a secret", "", (path) => (rmSync(path), symlinkSync("/etc/passwd", path))],
  ["a link to nowhere", "", (path) => (rmSync(path), symlinkSync("/nowhere", path))],
  ["a pipe", "", (path) => (rmSync(path), void execFileSync("mkfifo", ["-m", "600", path]))]
]

describe("a record that became", () => {
  it.each(damages)("%s reads as %j, and is replaced under the next lease (STO-3)", async (_, read, damage) => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await storage.save("name", "the text", 10)
    const path = join(place.folder("name"), "10.record")
    damage(path)
    expect(await storage.load("name")).toEqual({ text: read, fence: 10 })

    const lease = await storage.lease("name", "me")
    expect(lease.fence).toBeGreaterThan(10)
    expect(await storage.save("name", "healed", lease.fence)).toBe(true)
    expect(await storage.load("name")).toEqual({ text: "healed", fence: lease.fence })
    expect(lstatSync(join(place.folder("name"), `${lease.fence}.record`)).mode & 0o777).toBe(0o600)
    // A link was not followed, neither to read nor to write.
    expect(readFileSync("/etc/passwd", "utf8")).not.toContain("healed")
  })

  it("STO-3: others can read is replaced also under its own fence", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await storage.save("name", "the text", 10)
    const path = join(place.folder("name"), "10.record")
    chmodSync(path, 0o666)
    expect(await storage.save("name", "again", 10)).toBe(true)
    expect(await storage.load("name")).toEqual({ text: "again", fence: 10 })
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
  })

  it("STO-3: too large is not written in the first place", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await storage.save("name", "small", 1)
    const error = await storage.save("name", "x".repeat(2_000_000), 2).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ _tag: "StorageFailure", operation: "save", detail: "a record over 1048576 bytes" })
    expect((await storage.load("name"))?.text).toBe("small")
  })

  it.each(["name.txt", "010.record", "-0.record", "1e3.record", "99999999999999999.record", "9.token", ".9.record"])(
    "STO-4: a file that is not of this format, such as %s, is neither read nor counted nor removed",
    async (file) => {
      using place = newPlace()
      const storage = await openStorage(place.directory)
      await storage.save("name", "the text", 5)
      const path = join(place.folder("name"), file)
      writeFileSync(path, "of a newer version", { mode: 0o600 })
      expect(await storage.load("name")).toEqual({ text: "the text", fence: 5 })
      expect(await storage.save("name", "the next", 6)).toBe(true)
      expect((await storage.lease("name", "me")).fence).toBe(7)
      await storage.remove("name")
      expect(readFileSync(path, "utf8")).toBe("of a newer version")
    }
  )
})
