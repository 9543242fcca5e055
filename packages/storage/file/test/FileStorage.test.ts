import { TokenkeepError, TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, describe, expect, it, vi } from "vitest"
import { folderName } from "../src/folders.ts"
import { stateDirectory } from "../src/stateDirectory.ts"
import { newDirectory, openStorage } from "./support/testDirectory.ts"

afterEach(() => vi.unstubAllEnvs())

const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe("the files", () => {
  it("STO-1: of a record are one file that contains only its text, in the folder of its name", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    await storage.save("name", "the text", 41)
    await storage.save("name", "the next text", 42)
    expect(directory.files("name")).toEqual(["42.record"])
    expect(readFileSync(join(directory.folder("name"), "42.record"), "utf8")).toBe("the next text")
  })

  it("STO-6: of a released lease are one file with its fence", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    for (let turn = 0; turn < 5; turn += 1) await (await storage.acquireLease("name", "me")).release()
    expect(directory.files("name")).toEqual([expect.stringMatching(/^\d+\.released$/)])
  })

  it("STO-1: are not created by reading or removing", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    expect(await storage.load("name")).toBeUndefined()
    await storage.remove("name")
    expect(existsSync(directory.path)).toBe(false)
  })

  it("KEY-4: of two names never share a folder, and none is outside the directory", () => {
    const unusual = [
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
    const folders = unusual.map(folderName)
    expect(new Set(folders).size).toBe(unusual.length)
    for (const folder of folders) expect(folder).toMatch(/^tokenkeep-[0-9a-f]{64}$/)
  })
})

describe("the option directory", () => {
  it.each(["tokens", "./tokens", "~/tokens", "", "/tokens\0", 7 as never, null as never])(
    "rejects %j with CONFIG_INVALID immediately",
    (directory) => {
      const error = thrownBy(() => FileStorage.layer({ directory }))
      expect(error).toBeInstanceOf(TokenkeepError)
      expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { _tag: "ConfigInvalid", option: "directory" } })
    }
  )

  it("defaults to the user's state directory", async () => {
    using directory = newDirectory()
    vi.stubEnv("XDG_STATE_HOME", directory.path)
    const storage = await Effect.runPromise(Effect.provide(TokenStorage, FileStorage.layer()))
    await Effect.runPromise(storage.save("name", { text: "text", fence: 1 }))
    expect(existsSync(join(directory.path, "tokenkeep", folderName("name"), "1.record"))).toBe(true)
  })

  const defaultOn = (platform: string): string => {
    const real = process.platform
    Object.defineProperty(process, "platform", { value: platform })
    try {
      return stateDirectory()
    } finally {
      Object.defineProperty(process, "platform", { value: real })
    }
  }

  it.each([
    ["linux", { XDG_STATE_HOME: "" }, "/users/me/.local/state/tokenkeep"],
    ["linux", { XDG_STATE_HOME: "relative" }, "/users/me/.local/state/tokenkeep"],
    ["linux", { XDG_STATE_HOME: "/state" }, "/state/tokenkeep"],
    ["darwin", { XDG_STATE_HOME: "/state" }, "/users/me/Library/Application Support/tokenkeep"],
    ["win32", { LOCALAPPDATA: "/local" }, "/local/tokenkeep"],
    ["win32", { LOCALAPPDATA: "" }, "/users/me/AppData/Local/tokenkeep"]
  ])("defaults on %s with %j to %s", (platform, variables, expected) => {
    vi.stubEnv("HOME", "/users/me")
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    expect(defaultOn(platform)).toBe(expected)
  })

  it("has no default if the home directory is not an absolute path", () => {
    vi.stubEnv("XDG_STATE_HOME", "")
    vi.stubEnv("HOME", "home")
    expect(thrownBy(() => FileStorage.layer())).toMatchObject({ code: "CONFIG_INVALID" })
  })
})

describe("an interrupted lease request", () => {
  it("TOK-3: leaves no lease behind, whenever it is interrupted", async () => {
    using directory = newDirectory()
    const storage = await Effect.runPromise(
      Effect.provide(TokenStorage, FileStorage.layer({ directory: directory.path }))
    )
    const other = await openStorage(directory.path)
    for (let moment = 0; moment < 40; moment += 1) {
      const requesting = Effect.runFork(storage.acquireLease!("name", { owner: "interrupted", millis: 60_000 }))
      await sleep(moment % 4)
      await Effect.runPromise(Fiber.interrupt(requesting))
      const exit = requesting.pollUnsafe()
      // The request may have completed just before the interruption.
      if (exit?._tag === "Success" && exit.value._tag === "Lease") await Effect.runPromise(exit.value.release)
      await (await other.acquireLease("name", "next")).release()
    }
    expect(directory.files("name")).toHaveLength(1)
  })
})

describe("a directory that is removed", () => {
  it("STO-2: is created again by the next save and by the next lease", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    const before = await storage.acquireLease("name", "me")
    await storage.save("name", "text", before.fence)
    rmSync(directory.path, { recursive: true })
    expect(await storage.load("name")).toBeUndefined()
    await before.release()
    const after = await storage.acquireLease("name", "other")
    expect(await storage.save("name", "again", after.fence)).toBe(true)
    rmSync(directory.folder("name"), { recursive: true })
    expect(await storage.save("name", "once more", after.fence)).toBe(true)
    expect(await storage.load("name")).toEqual({ text: "once more", fence: after.fence })
  })

  it("STO-2: during saves makes none of them fail", async () => {
    using directory = newDirectory()
    const storage = await openStorage(directory.path)
    let isDone = false
    // Few for each save: on a busy machine, one save may take as long as many pauses.
    let left = 0
    const removing = (async () => {
      for (let time = 0; !isDone; time += 1) {
        if (left > 0 && existsSync(directory.folder("name"))) {
          renameSync(directory.folder("name"), `${directory.path}-${time}`)
          left -= 1
        }
        await sleep(20)
      }
    })()
    for (let fence = 1; fence <= 50; fence += 1) {
      left = 5
      expect(await storage.save("name", "text", fence)).toBe(true)
    }
    isDone = true
    await removing
  })
})
