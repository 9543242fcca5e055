import { StorageFailure } from "@tokenkeep/core"
import { type RedisServer, startProxy, startServer } from "redis-servers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { singleClients } from "./support/clients.ts"
import { failureOf, open, type Opened, untilUsable } from "./support/open.ts"

const name = `tokenkeep-1-${"0123456789abcdef".repeat(4)}`
const key = `{tokenkeep:1:${"0123456789abcdef".repeat(4)}}:exclusive`

const change = (expected: string | undefined, version: string) => ({
  expected,
  record: { version, text: `text of ${version}` }
})

const create = (storage: Opened) => storage.replace(name, change(undefined, "1"))

describe.skipIf(noRedis).each(singleClients)("exclusive records through $title", ({ layer }) => {
  it("STO-7: never expire, also if they are replaced or another program set a time", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    expect(await create(storage)).toBe(true)
    expect(await server.command("KEYS", "*")).toEqual([key])
    expect(await server.command("TTL", key)).toBe(-1)
    await server.command("EXPIRE", key, "100")
    expect(await storage.replace(name, change("1", "2"))).toBe(true)
    expect(await server.command("TTL", key)).toBe(-1)
  })

  it("STO-7: a replace whose response was lost is repeated, and is not repeated over a newer record", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    await using other = await open(layer(server))
    expect(await create(storage)).toBe(true)
    proxy.onAnswer = (_, reset) => {
      reset()
      return false
    }
    expect(await failureOf(storage.replace(name, change("1", "2")))).toBeDefined()
    proxy.onAnswer = undefined
    await untilUsable(storage)
    expect(await other.loadExclusive(name)).toEqual(change("1", "2").record)
    expect(await storage.replace(name, change("1", "2"))).toBe(true)
    expect(await other.replace(name, change("2", "3"))).toBe(true)
    expect(await storage.replace(name, change("1", "2"))).toBe(false)
    expect(await storage.loadExclusive(name)).toEqual(change("2", "3").record)
  })

  it("STO-7: are there after the server was killed, if it appends each command to its file", async () => {
    await using server = await startServer({ config: { appendonly: "yes", appendfsync: "always" } })
    await using storage = await open(layer(server))
    expect(await create(storage)).toBe(true)
    await server.kill()
    await server.restart()
    await untilUsable(storage)
    expect(await storage.loadExclusive(name)).toEqual(change(undefined, "1").record)
    expect(await storage.replace(name, change(undefined, "2"))).toBe(false)
  })

  it("STO-7: are not read from a replica, which may be behind", async () => {
    await using primary = await startServer({ config: { "repl-diskless-sync-delay": "0" } })
    await using server = await startServer()
    await using writer = await open(layer(primary))
    await using storage = await open(layer(server))
    expect(await create(writer)).toBe(true)
    await server.command("REPLICAOF", "127.0.0.1", `${primary.port}`)
    await expect.poll(() => server.command("EXISTS", key)).toBe(1)
    expect(await failureOf(storage.loadExclusive(name))).toMatch(/ READONLY$/)
    expect(await failureOf(storage.replace(name, change("1", "2")))).toMatch(/ READONLY$/)
    await server.command("REPLICAOF", "NO", "ONE")
    await untilUsable(storage)
    expect(await storage.replace(name, change("1", "2"))).toBe(true)
  })
})

describe.skipIf(noRedis)("an exclusive record", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  const openEmpty = async () => {
    await server.command("FLUSHALL")
    return open(singleClients[0]!.layer(server))
  }

  const garbage: ReadonlyArray<readonly [value: string, command: ReadonlyArray<string>]> = [
    ["a word", ["SET", key, "garbage"]],
    ["an empty string", ["SET", key, ""]],
    ["JSON", ["SET", key, `{"version":"1","text":"text"}`]],
    ["a version", ["SET", key, "1"]],
    ["a version that is too long", ["SET", key, `${"x".repeat(65)} "text"`]],
    ["a version in upper case", ["SET", key, 'A "text"']],
    ["the first half of a record", ["SET", key, '1 "te']],
    ["a record with other quotes in it", ["SET", key, '1 "te"xt"']],
    ["a record without a version", ["SET", key, ' "text"']],
    ["bytes", ["SETRANGE", key, "3", "\u00ff\u0000"]],
    ["a list", ["LPUSH", key, '1 "text"']],
    ["a hash", ["HSET", key, "1", "text"]],
    ["a value of 2 MB that starts like a record", ["SET", key, `1 "${"x".repeat(2_000_000)}"`]]
  ]

  it.each(garbage)("STO-7: %s at its key is a failure, and is not overwritten", async (_, command) => {
    await using storage = await openEmpty()
    await server.command(...command)
    const before = await server.command("DUMP", key)
    const failure: unknown = await storage.loadExclusive(name).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StorageFailure)
    expect(failure).toMatchObject({
      operation: "load",
      retryable: false,
      detail: `the value of ${key} is not a record of Tokenkeep`
    })
    for (const expected of [undefined, "0", "2"]) {
      // Either is correct: the next load fails.
      const isReplaced = await storage.replace(name, change(expected, "3")).catch(() => false)
      expect(isReplaced).toBe(false)
    }
    await storage.acquireLease(name, "owner")
    await storage.save(name, "text", Number.MAX_SAFE_INTEGER - 1)
    await storage.remove(name)
    expect(await server.command("DUMP", key)).toEqual(before)
  })

  it.each(["", "A", "a b", "x".repeat(65), "é", "1\n"])(
    "STO-7: with the version %j cannot be stored, since it could not be read again",
    async (version) => {
      await using storage = await openEmpty()
      const failure: unknown = await storage.replace(name, change(undefined, version)).catch((error: unknown) => error)
      expect(failure).toMatchObject({ operation: "replace", retryable: false })
      expect(await storage.loadExclusive(name)).toBeUndefined()
    }
  )

  it("STO-7: of half a megabyte can be stored, and one that is too large to load cannot", async () => {
    await using storage = await openEmpty()
    const large = { version: "1", text: "token".repeat(104_857) }
    expect(await storage.replace(name, { expected: undefined, record: large })).toBe(true)
    const tooLarge = { version: "2", text: "x".repeat(1_048_576) }
    expect(await failureOf(storage.replace(name, { expected: "1", record: tooLarge }))).toMatch(
      /larger than 1048576 bytes$/
    )
    expect(await storage.loadExclusive(name)).toEqual(large)
  })

  it("STO-7: is refused with a fence below that of a lease, also if only its lease or only its fence is left", async () => {
    for (const gone of ["lock", "fence"]) {
      await using storage = await openEmpty()
      const { fence } = await storage.acquireLease(name, "owner")
      await server.command("DEL", key.replace("exclusive", gone))
      expect(await storage.replace(name, { ...change(undefined, "1"), fence: fence - 1 })).toBe(false)
      expect(await storage.replace(name, { ...change(undefined, "1"), fence })).toBe(true)
    }
  })
})
