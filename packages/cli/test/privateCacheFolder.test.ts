import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { privateCacheFolder } from "../src/privateCacheFolder.ts"
import { temporaryHome } from "./support/startCli.ts"

afterEach(() => vi.unstubAllEnvs())

describe("the folder of compiled code", () => {
  it("is the user's own, and not the temporary folder, where others could put code", () => {
    using home = temporaryHome()
    vi.stubEnv("XDG_CACHE_HOME", home.path)
    const folder = privateCacheFolder()
    expect(folder).toBe(join(home.path, "tokenkeep", "compiled"))
    expect(statSync(folder!).mode & 0o777).toBe(0o700)
  })

  it("is not used if others can write to it, if it is a link, or if it cannot be made", () => {
    using home = temporaryHome()
    vi.stubEnv("XDG_CACHE_HOME", home.path)
    const folder = join(home.path, "tokenkeep", "compiled")
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o777)
    expect(privateCacheFolder()).toBeUndefined()

    const linked = join(home.path, "linked")
    mkdirSync(join(linked, "tokenkeep"), { recursive: true })
    symlinkSync(folder, join(linked, "tokenkeep", "compiled"))
    vi.stubEnv("XDG_CACHE_HOME", linked)
    expect(privateCacheFolder()).toBeUndefined()

    const file = join(home.path, "file")
    writeFileSync(file, "")
    vi.stubEnv("XDG_CACHE_HOME", file)
    expect(privateCacheFolder()).toBeUndefined()
    expect(existsSync(file)).toBe(true)
  })
})
