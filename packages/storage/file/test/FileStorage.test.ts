import { AuthError, TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, describe, expect, it, vi } from "vitest"
import { folderName } from "../src/internal/folders.ts"
import { stateDirectory } from "../src/internal/stateDirectory.ts"
import { newPlace, openStorage } from "./support/directories.ts"

afterEach(() => vi.unstubAllEnvs())

const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe("what lies on the disk", () => {
  it("STO-1: is one file with the text and nothing else, in a folder of the name", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    await storage.save("name", "the text", 41)
    await storage.save("name", "the next text", 42)
    expect(place.files("name")).toEqual(["42.record"])
    expect(readFileSync(join(place.folder("name"), "42.record"), "utf8")).toBe("the next text")
  })

  it("STO-6: of a lease nothing but its fence stays", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    for (let turn = 0; turn < 5; turn += 1) await (await storage.lease("name", "me")).release()
    expect(place.files("name")).toEqual([expect.stringMatching(/^\d+\.released$/)])
  })

  it("STO-1: nothing is touched before it is needed, and reading makes nothing", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    expect(await storage.load("name")).toBeUndefined()
    await storage.remove("name")
    expect(existsSync(place.directory)).toBe(false)
  })

  it("KEY-4: no name leaves the directory or meets another", () => {
    const odd = [
      "",
      ".",
      "..",
      "../up",
      "/root",
      "a/b",
      "a\\b",
      "A",
      "Ä",
      "con",
      "nul",
      "a b",
      "a\0",
      "\ud800",
      "\ud801"
    ]
    const folders = odd.map(folderName)
    expect(new Set(folders).size).toBe(odd.length)
    for (const folder of folders) expect(folder).toMatch(/^_[0-9a-f]{64}$/)
    const plain = `tokenkeep-1-${"ab".repeat(32)}-0123456789abcdef`
    expect(folderName(plain)).toBe(plain)
  })
})

describe("the option directory", () => {
  it.each(["tokens", "./tokens", "~/tokens", "", "/tokens\0", 7 as never, null as never])(
    "is refused when it is %j: CONFIG_INVALID, at once",
    (directory) => {
      const error = thrownBy(() => FileStorage.layer({ directory }))
      expect(error).toBeInstanceOf(AuthError)
      expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { _tag: "ConfigInvalid", option: "directory" } })
    }
  )

  it("is the user's state directory by default", async () => {
    using place = newPlace()
    vi.stubEnv("XDG_STATE_HOME", place.directory)
    const storage = await Effect.runPromise(Effect.provide(TokenStorage, FileStorage.layer()))
    await Effect.runPromise(storage.save("name", { text: "text", fence: 1 }))
    expect(existsSync(join(place.directory, "tokenkeep", "name", "1.record"))).toBe(true)
  })

  const at = (platform: string): string => {
    const real = process.platform
    Object.defineProperty(process, "platform", { value: platform })
    try {
      return stateDirectory()
    } finally {
      Object.defineProperty(process, "platform", { value: real })
    }
  }

  it.each([
    ["linux", { XDG_STATE_HOME: "" }, "/home-of/me/.local/state/tokenkeep"],
    ["linux", { XDG_STATE_HOME: "relative" }, "/home-of/me/.local/state/tokenkeep"],
    ["linux", { XDG_STATE_HOME: "/state" }, "/state/tokenkeep"],
    ["darwin", { XDG_STATE_HOME: "/state" }, "/home-of/me/Library/Application Support/tokenkeep"],
    ["win32", { LOCALAPPDATA: "/local" }, "/local/tokenkeep"],
    ["win32", { LOCALAPPDATA: "" }, "/home-of/me/AppData/Local/tokenkeep"]
  ])("on %s with %j it is %s", (platform, variables, expected) => {
    vi.stubEnv("HOME", "/home-of/me")
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    expect(at(platform)).toBe(expected)
  })

  it("cannot be found below a home that is no absolute path", () => {
    vi.stubEnv("XDG_STATE_HOME", "")
    vi.stubEnv("HOME", "home")
    expect(thrownBy(() => FileStorage.layer())).toMatchObject({ code: "CONFIG_INVALID" })
  })
})

describe("whoever does not wait for the answer", () => {
  it("TOK-3: leaves no lease behind, at whatever moment it stops waiting", async () => {
    using place = newPlace()
    const storage = await Effect.runPromise(
      Effect.provide(TokenStorage, FileStorage.layer({ directory: place.directory }))
    )
    const other = await openStorage(place.directory)
    for (let moment = 0; moment < 40; moment += 1) {
      const asking = Effect.runFork(storage.exclusive!("name", { owner: "gone", millis: 60_000 }))
      await sleep(moment % 4)
      await Effect.runPromise(Fiber.interrupt(asking))
      const exit = asking.pollUnsafe()
      // It may have had its answer just before.
      if (exit?._tag === "Success" && exit.value._tag === "Lease") await Effect.runPromise(exit.value.release)
      await (await other.lease("name", "next")).release()
    }
    expect(place.files("name")).toHaveLength(1)
  })
})

describe("a directory that goes away", () => {
  it("STO-2: is made again by the next write, and by the next lease", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    const before = await storage.lease("name", "me")
    await storage.save("name", "text", before.fence)
    rmSync(place.directory, { recursive: true })
    expect(await storage.load("name")).toBeUndefined()
    await before.release()
    const after = await storage.lease("name", "other")
    expect(await storage.save("name", "again", after.fence)).toBe(true)
    rmSync(place.folder("name"), { recursive: true })
    expect(await storage.save("name", "once more", after.fence)).toBe(true)
    expect(await storage.load("name")).toEqual({ text: "once more", fence: after.fence })
  })

  it("STO-2: while writers are at work, stops none of them", async () => {
    using place = newPlace()
    const storage = await openStorage(place.directory)
    let isDone = false
    const removing = (async () => {
      for (let time = 0; !isDone; time += 1) {
        if (existsSync(place.folder("name"))) renameSync(place.folder("name"), `${place.directory}-${time}`)
        await sleep(20)
      }
    })()
    for (let fence = 1; fence <= 50; fence += 1) expect(await storage.save("name", "text", fence)).toBe(true)
    isDone = true
    await removing
  })
})
