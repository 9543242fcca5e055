import { RedisStorage } from "@tokenkeep/storage-redis"
import { type RedisServer, startServer } from "redis-servers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { failureOf, open } from "./support/open.ts"

const digest = "0123456789abcdef".repeat(4)
const name = `tokenkeep-1-${digest}`
const day = 86_400_000

describe.skipIf(noRedis)("what is on the server", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  const emptied = async (prefix?: string) => {
    await server.command("FLUSHALL")
    return open(RedisStorage.layer({ url: server.url, prefix }))
  }
  const keys = async () => ((await server.command("KEYS", "*")) as Array<string>).toSorted()

  it("STO-4, KEY-4: a credential's keys are its digests in one slot, under the major of the format", async () => {
    await using storage = await emptied()
    await storage.ask(name, "owner")
    await storage.save(name, "text", Number.MAX_SAFE_INTEGER - 1)
    await storage.save(`${name}-0123456789abcdef`, "text")
    await storage.save("any other name", "text")
    expect(await keys()).toEqual([
      `{tokenkeep:1:"any other name"}:tok`,
      `{tokenkeep:1:${digest}-0123456789abcdef}:tok`,
      `{tokenkeep:1:${digest}}:fence`,
      `{tokenkeep:1:${digest}}:lock`,
      `{tokenkeep:1:${digest}}:tok`
    ])
  })

  it("STO-6: every key ends by itself: a record after a day, a lease after its time, a fence after both", async () => {
    await using storage = await emptied()
    const lease = await storage.ask(name, "owner", 12_000)
    await storage.save(name, "text", lease.fence)
    const [fence, lock, tok] = await Promise.all((await keys()).map((key) => server.command("PTTL", key)))
    expect(tok).toBeGreaterThan(day - 60_000)
    expect(tok).toBeLessThanOrEqual(day)
    expect(lock).toBeLessThanOrEqual(12_000)
    expect(fence).toBeGreaterThan(day + 60_000)
    expect(fence).toBeLessThanOrEqual(2 * day)
  })

  it("TOK-3: a fence starts from the server's clock, so that one that lost its data starts no lower", async () => {
    await using storage = await emptied()
    const [seconds] = (await server.command("TIME")) as [string, string]
    const first = await storage.ask(name, "owner")
    expect(first.fence).toBeGreaterThanOrEqual(Number(seconds) * 1000)
    await server.command("FLUSHALL")
    const second = await storage.ask(name, "owner")
    expect(second.fence).toBeGreaterThan(first.fence)
  })

  it("TOK-3: a fence is higher than those of the record and of leases that were granted ahead of the clock", async () => {
    await using storage = await emptied()
    const ahead = 4_000_000_000_000
    await storage.save(name, "text", ahead)
    expect((await storage.ask(name, "owner")).fence).toBe(ahead + 1)
    await storage.remove(name)
    expect((await storage.ask(name, "owner")).fence).toBe(ahead + 2)
    // A lease whose fence was evicted is a fence as well.
    await server.command("DEL", `{tokenkeep:1:${digest}}:fence`)
    expect(await storage.save(name, "late", ahead + 1)).toBe(false)
    expect((await storage.ask(name, "owner")).fence).toBe(ahead + 3)
  })

  it("TOK-3: the highest fence there can be, which nobody could ever follow, counts as nothing", async () => {
    await using storage = await emptied()
    await server.command("SET", `{tokenkeep:1:${digest}}:tok`, `${Number.MAX_SAFE_INTEGER} "text"`)
    const lease = await storage.ask(name, "owner")
    expect(await storage.load(name)).toBeUndefined()
    expect(await storage.save(name, "newer", lease.fence)).toBe(true)
  })

  const garbage: ReadonlyArray<readonly [what: string, put: (key: string) => Promise<unknown>]> = [
    ["text", (key) => server.command("SET", key, "garbage")],
    ["no text", (key) => server.command("SET", key, "")],
    ["JSON", (key) => server.command("SET", key, `{"fence":9007199254740000,"text":"text"}`)],
    ["a number that is no fence", (key) => server.command("SET", key, `1${"0".repeat(300)} "text"`)],
    ["the first half of a record", (key) => server.command("SET", key, `1 "te`)],
    ["bytes", (key) => server.command("SETRANGE", key, "3", "\u00ff\u0000")],
    ["a list", (key) => server.command("LPUSH", key, '1 "text"')],
    ["a hash", (key) => server.command("HSET", key, "fence", "1")],
    ["a value of 2 MB that starts like a record", (key) => server.command("SET", key, `1 "${"x".repeat(2_000_000)}"`)],
    ["a lease without an end", (key) => server.command("SET", key, "1 request owner")]
  ]

  it.each(garbage)("STO-2: %s in every place is no token, no lease and no fence, and is replaced", async (_, put) => {
    await using storage = await emptied()
    for (const key of ["tok", "lock", "fence"]) await put(`{tokenkeep:1:${digest}}:${key}`)
    expect(await storage.load(name)).toBeUndefined()
    const lease = await storage.ask(name, "owner")
    expect(lease._tag).toBe("Lease")
    expect(await storage.save(name, "text", lease.fence)).toBe(true)
    expect(await storage.load(name)).toBe("text")
    await storage.release(lease)
    expect((await storage.ask(name, "other"))._tag).toBe("Lease")
    const left = await Promise.all((await keys()).map((key) => server.command("PTTL", key)))
    expect(left.every((millis) => Number(millis) > 0)).toBe(true)
  })

  it("STO-2: half a megabyte is kept, and what is too large to be read again is refused", async () => {
    await using storage = await emptied()
    const large = "🗝".repeat(131_072)
    expect(await storage.save(name, large)).toBe(true)
    expect(await storage.load(name)).toBe(large)
    expect(await failureOf(storage.save(name, "x".repeat(1_048_576), 2))).toBe(
      "the record is larger than 1048576 bytes"
    )
    expect(await storage.load(name)).toBe(large)
  })

  it("KEY-4: two prefixes on one server never meet", async () => {
    await using one = await emptied("one:")
    await using other = await open(RedisStorage.layer({ url: server.url, prefix: "other:" }))
    const lease = await one.ask(name, "owner")
    await one.save(name, "text", lease.fence)
    expect(await other.load(name)).toBeUndefined()
    expect((await other.ask(name, "other"))._tag).toBe("Lease")
    await other.remove(name)
    expect(await one.load(name)).toBe("text")
    expect((await keys()).every((key) => /^\{(one|other):1:/.test(key))).toBe(true)
  })

  it("KEY-4: two databases on one server share nothing but the wake-up", async () => {
    await using one = await emptied()
    await using other = await open(RedisStorage.layer({ url: `${server.url}/1` }))
    const next = await other.watch(name)
    await one.save(name, "text")
    await next()
    expect(await other.load(name)).toBeUndefined()
  })
})
