import { RedisStorage } from "@tokenkeep/storage-redis"
import { type RedisServer, startServer } from "redis-servers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { failureOf, open } from "./support/open.ts"

const digest = "0123456789abcdef".repeat(4)
const name = `tokenkeep-1-${digest}`
const day = 86_400_000

describe.skipIf(noRedis)("the keys on the server", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  const openEmpty = async (prefix?: string) => {
    await server.command("FLUSHALL")
    return open(RedisStorage.layer({ url: server.url, prefix }))
  }
  const keys = async () => ((await server.command("KEYS", "*")) as Array<string>).toSorted()

  it("STO-4, KEY-4: the keys of a credential contain its digests and the version of the format, and are in one slot", async () => {
    await using storage = await openEmpty()
    await storage.acquireLease(name, "owner")
    await storage.save(name, "text", Number.MAX_SAFE_INTEGER - 1)
    await storage.save(`${name}-0123456789abcdef`, "text")
    await storage.save("any other name", "text")
    await storage.loadExclusive(name)
    await storage.replace(name, { expected: undefined, record: { version: "1", text: "text" } })
    expect(await keys()).toEqual([
      `{tokenkeep:1:"any other name"}:tok`,
      `{tokenkeep:1:${digest}-0123456789abcdef}:tok`,
      `{tokenkeep:1:${digest}}:exclusive`,
      `{tokenkeep:1:${digest}}:fence`,
      `{tokenkeep:1:${digest}}:lock`,
      `{tokenkeep:1:${digest}}:tok`
    ])
  })

  it("STO-6: every key expires: a record after a day, a lease after its duration, a fence after both", async () => {
    await using storage = await openEmpty()
    const lease = await storage.acquireLease(name, "owner", 12_000)
    await storage.save(name, "text", lease.fence)
    const [fence, lock, tok] = await Promise.all((await keys()).map((key) => server.command("PTTL", key)))
    expect(tok).toBeGreaterThan(day - 60_000)
    expect(tok).toBeLessThanOrEqual(day)
    expect(lock).toBeLessThanOrEqual(12_000)
    expect(fence).toBeGreaterThan(day + 60_000)
    expect(fence).toBeLessThanOrEqual(2 * day)
  })

  it("TOK-3: fences start from the server's clock, so a server that lost its data grants no lower ones", async () => {
    await using storage = await openEmpty()
    const [seconds] = (await server.command("TIME")) as [string, string]
    const first = await storage.acquireLease(name, "owner")
    expect(first.fence).toBeGreaterThanOrEqual(Number(seconds) * 1000)
    await server.command("FLUSHALL")
    const second = await storage.acquireLease(name, "owner")
    expect(second.fence).toBeGreaterThan(first.fence)
  })

  it("TOK-3: a fence is higher than the fences of the record and of earlier leases, even if the clock is behind them", async () => {
    await using storage = await openEmpty()
    const ahead = 4_000_000_000_000
    await storage.save(name, "text", ahead)
    expect((await storage.acquireLease(name, "owner")).fence).toBe(ahead + 1)
    await storage.remove(name)
    expect((await storage.acquireLease(name, "owner")).fence).toBe(ahead + 2)
    // If the fence was evicted, the lease still has it.
    await server.command("DEL", `{tokenkeep:1:${digest}}:fence`)
    expect(await storage.save(name, "late", ahead + 1)).toBe(false)
    expect((await storage.acquireLease(name, "owner")).fence).toBe(ahead + 3)
  })

  it("TOK-3: a record with the highest possible fence is ignored, because no later fence could replace it", async () => {
    await using storage = await openEmpty()
    await server.command("SET", `{tokenkeep:1:${digest}}:tok`, `${Number.MAX_SAFE_INTEGER} "text"`)
    const lease = await storage.acquireLease(name, "owner")
    expect(await storage.load(name)).toBeUndefined()
    expect(await storage.save(name, "newer", lease.fence)).toBe(true)
  })

  const garbage: ReadonlyArray<readonly [value: string, put: (key: string) => Promise<unknown>]> = [
    ["a word", (key) => server.command("SET", key, "garbage")],
    ["an empty string", (key) => server.command("SET", key, "")],
    ["JSON", (key) => server.command("SET", key, `{"fence":9007199254740000,"text":"text"}`)],
    ["a number that is too large for a fence", (key) => server.command("SET", key, `1${"0".repeat(300)} "text"`)],
    ["the first half of a record", (key) => server.command("SET", key, `1 "te`)],
    ["bytes", (key) => server.command("SETRANGE", key, "3", "\u00ff\u0000")],
    ["a list", (key) => server.command("LPUSH", key, '1 "text"')],
    ["a hash", (key) => server.command("HSET", key, "fence", "1")],
    ["a value of 2 MB that starts like a record", (key) => server.command("SET", key, `1 "${"x".repeat(2_000_000)}"`)],
    ["a lease without an expiry", (key) => server.command("SET", key, "1 request owner")],
    ["a lease that lasts an hour", (key) => server.command("SET", key, "1 request owner", "PX", "3600000")]
  ]

  it.each(garbage)(
    "STO-2: %s in every key is not read as a token, a lease or a fence, and is overwritten",
    async (_, put) => {
      await using storage = await openEmpty()
      for (const key of ["tok", "lock", "fence"]) await put(`{tokenkeep:1:${digest}}:${key}`)
      expect(await storage.load(name)).toBeUndefined()
      // Another owner than the planted lease's, which could acquire its own lease again.
      const lease = await storage.acquireLease(name, "me")
      expect(lease._tag).toBe("Lease")
      expect(await storage.save(name, "text", lease.fence)).toBe(true)
      expect(await storage.load(name)).toBe("text")
      await storage.release(lease)
      expect((await storage.acquireLease(name, "other"))._tag).toBe("Lease")
      const left = await Promise.all((await keys()).map((key) => server.command("PTTL", key)))
      expect(left.every((millis) => Number(millis) > 0)).toBe(true)
    }
  )

  it("STO-2: saves half a megabyte, and rejects a record that is too large to load", async () => {
    await using storage = await openEmpty()
    const large = "token".repeat(104_857)
    expect(await storage.save(name, large)).toBe(true)
    expect(await storage.load(name)).toBe(large)
    expect(await failureOf(storage.save(name, "x".repeat(1_048_576), 2))).toBe(
      "the record is larger than 1048576 bytes"
    )
    expect(await storage.load(name)).toBe(large)
  })

  it("KEY-4: two prefixes on one server share nothing", async () => {
    await using one = await openEmpty("one:")
    await using other = await open(RedisStorage.layer({ url: server.url, prefix: "other:" }))
    const lease = await one.acquireLease(name, "owner")
    await one.save(name, "text", lease.fence)
    expect(await other.load(name)).toBeUndefined()
    expect((await other.acquireLease(name, "other"))._tag).toBe("Lease")
    await other.remove(name)
    expect(await one.load(name)).toBe("text")
    expect((await keys()).every((key) => /^\{(one|other):1:/.test(key))).toBe(true)
  })

  it("KEY-4: two databases on one server share only notifications", async () => {
    await using one = await openEmpty()
    await using other = await open(RedisStorage.layer({ url: `${server.url}/1` }))
    const next = await other.watch(name)
    await one.save(name, "text")
    await next()
    expect(await other.load(name)).toBeUndefined()
  })
})
