import { type TokenkeepError, isTokenkeepError } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { RedisStorage } from "@tokenkeep/storage-redis"
import { Redis } from "ioredis"
import { createClient, createClientPool } from "redis"
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { runProgram } from "./support/child.ts"

const secret = "p4ssw0rd-7f3a9c"

const thrownBy = (run: () => unknown): TokenkeepError => {
  try {
    run()
  } catch (error) {
    if (isTokenkeepError(error)) return error
    throw error
  }
  throw new Error("Nothing was thrown")
}

describe("RedisStorage.layer", () => {
  it.each([
    ["an empty string", ""],
    ["a host alone", `${secret}@localhost`],
    ["another protocol", `http://user:${secret}@localhost`],
    ["the path of a socket", `unix:///run/redis.sock?password=${secret}`],
    ["no host", `redis://:${secret}@/0`],
    ["port 0", `redis://:${secret}@localhost:0`],
    ["a port that is out of range", `redis://:${secret}@localhost:66000`],
    ["a database that is not a number", `redis://:${secret}@localhost/tokens`],
    ["a path below the database", `redis://:${secret}@localhost/0/${secret}`],
    ["a query", `redis://localhost?password=${secret}`],
    ["a fragment", `redis://localhost#${secret}`],
    ["invalid percent-encoding", `redis://:%zz${secret}@localhost`],
    ["a number", 6379 as never],
    ["undefined", undefined as never]
  ])("SEC-1: rejects %s as a URL at once, without the URL in the error", (_, url) => {
    const error = thrownBy(() => RedisStorage.layer({ url }))
    expect(error.code).toBe("CONFIG_INVALID")
    expect(error.reason).toEqual({ _tag: "ConfigInvalid", option: "url" })
    assertNoSecrets(`${inspect(error, { depth: 9, showHidden: true })}${String(error.stack)}${JSON.stringify(error)}`, [
      secret
    ])
  })

  it.each([
    "redis://localhost",
    "redis://localhost/",
    "redis://localhost:6380/15",
    "rediss://user:p%40ss@tokens.test",
    "redis://[::1]:6379",
    new URL("redis://localhost")
  ])("accepts %s", (url) => {
    expect(() => RedisStorage.layer({ url })).not.toThrow()
  })

  it.each(["{", "a}b", 7 as never])("rejects %j as a prefix", (prefix) => {
    const error = thrownBy(() => RedisStorage.layer({ url: "redis://localhost", prefix }))
    expect(error.reason).toEqual({ _tag: "ConfigInvalid", option: "prefix" })
  })
})

describe("RedisStorage.layerClient", () => {
  it.each([undefined, null, "redis://localhost", {}, { get: () => null }, new Map()])("rejects %j", (client) => {
    const error = thrownBy(() => RedisStorage.layerClient(client as never))
    expect(error.reason).toEqual({ _tag: "ConfigInvalid", option: "client" })
  })

  it.each([
    ["a pool", () => createClientPool()],
    ["the pool of a client", () => createClient().createPool()],
    ["a legacy client", () => createClient().legacy()],
    ["a transaction of node-redis", () => createClient().multi()],
    ["a pipeline of ioredis", () => new Redis({ lazyConnect: true }).pipeline()]
  ])("rejects %s, and names what to pass", (_, make) => {
    const error = thrownBy(() => RedisStorage.layerClient(make() as never))
    expect(error.reason).toEqual({ _tag: "ConfigInvalid", option: "client" })
    expect(error.message).toContain("createClient, createSentinel or createCluster")
  })
})

/** A program with copies of the packages, where only effect is installed. */
const withoutRedis = (): { readonly folder: string; readonly program: string } => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "no-redis-"))
  const here = new URL("..", import.meta.url).pathname
  const scope = join(folder, "node_modules/@tokenkeep")
  mkdirSync(scope, { recursive: true })
  for (const [name, from] of [
    ["storage-redis", here],
    ["core", realpathSync(join(here, "node_modules/@tokenkeep/core"))]
  ] as const) {
    // Node does not strip types below node_modules, so the copies are elsewhere, with links to them.
    cpSync(join(from, "src"), join(folder, name, "src"), { recursive: true })
    cpSync(join(from, "package.json"), join(folder, name, "package.json"))
    symlinkSync(join(folder, name), join(scope, name))
  }
  symlinkSync(realpathSync(join(here, "node_modules/effect")), join(folder, "node_modules/effect"))
  const program = join(folder, "main.ts")
  writeFileSync(
    program,
    `import { TokenStorage } from "@tokenkeep/core"
import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
const layer = RedisStorage.layer({ url: "redis://localhost" })
try {
  await Effect.runPromise(Effect.provide(TokenStorage, layer))
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message }))
}
`
  )
  return { folder, program }
}

describe("without the package redis", () => {
  it("RedisStorage.layer fails with an error that says how to install it", async () => {
    const { folder, program } = withoutRedis()
    try {
      const { errors, printed } = await runProgram(program, [], { cwd: folder })
      expect(errors).toBe("")
      expect(JSON.parse(printed)).toEqual({
        code: "CONFIG_INVALID",
        message:
          "RedisStorage.layer needs the package redis, which cannot be loaded. Install it (npm install redis), or pass your own client to RedisStorage.layerClient."
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
