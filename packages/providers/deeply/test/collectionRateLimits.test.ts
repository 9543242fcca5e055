import { describe, expect, it } from "vitest"
import { clientOf, fakeServer, rejection } from "./support/clients.ts"
import { json, rawApi } from "./support/servers.ts"
import { typedApis } from "./support/typedClients.ts"

const limitedBody = (reset: number) => ({
  detail: { message: "Rate limit exceeded. Please try again in 60 seconds.", limit: 1_000, remaining: 0, reset }
})

const inSeconds = (seconds: number) => Math.ceil(Date.now() / 1_000) + seconds

describe.each(typedApis)("REQ-7: rate limits, with the $api API", ({ open }) => {
  it("delay thirty concurrent calls, so that none fails", async () => {
    const server = await fakeServer({ rateLimits: true })
    const { list } = open(server)
    const from = performance.now()
    const pages = await Promise.all(Array.from({ length: 30 }, () => list("mics")))
    expect(pages.map(({ total_cnt }) => total_cnt)).toEqual(pages.map(() => 5))
    expect(performance.now() - from).toBeGreaterThan(2_000)
    expect(server.stats.byStatus[200]).toBe(31)
  })

  it("are counted for each endpoint", async () => {
    const server = await fakeServer()
    const { get, list } = open(server, { rateLimits: { perMinute: 1 } })
    await Promise.all([list("mics"), list("events"), get("mics", "mic-1"), get("events", "event-1")])
    const error = await rejection(get("events", "event-2"))
    expect(error).toMatchObject({
      code: "RATE_LIMITED",
      retryable: true,
      reason: { endpoint: "/api/v1/events/{id}", limit: 1, remaining: 0 }
    })
    expect(server.stats.requests).toBe(4)
  })

  it("count the first calls together, although they load the typed client at the same time", async () => {
    const server = await fakeServer()
    const { list } = open(server, { rateLimits: { perMinute: 1 } })
    const calls = await Promise.allSettled([list("mics"), list("mics"), list("mics")])
    expect(calls.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected", "rejected"])
    expect(server.stats.requests).toBe(1)
  })

  it("fail a call at once if it would wait longer than maxWait; the error has the retryAt", async () => {
    const server = await fakeServer()
    const { list } = open(server, { rateLimits: { perMinute: 2 } })
    await list("mics")
    await list("mics")
    const error = await rejection(list("mics"))
    expect(error).toMatchObject({ code: "RATE_LIMITED", reason: { endpoint: "/api/v1/mics", limit: 2 } })
    const { retryAt } = error as { readonly retryAt: number }
    expect(retryAt - Date.now()).toBeGreaterThan(20_000)
    expect(retryAt - Date.now()).toBeLessThan(61_000)
    expect(server.stats.requests).toBe(2)
  })

  it("if another client has used up the limit, the call waits after the 429 and is repeated", async () => {
    const server = await fakeServer()
    const { list } = open(server)
    server.script([{ on: "general", status: 429, body: limitedBody(inSeconds(1)) }])
    expect(await list("mics")).toMatchObject({ total_cnt: 5 })
    expect(server.stats.byStatus).toMatchObject({ 200: 2, 429: 1 })
  })

  it("Retry-After is respected, and a second 429 fails with the server's values", async () => {
    const server = await fakeServer()
    const { list } = open(server)
    const reset = inSeconds(30)
    server.script([
      { on: "general", status: 429, headers: { "retry-after": "1" } },
      { on: "general", status: 429, body: limitedBody(reset) }
    ])
    expect(await rejection(list("mics"))).toMatchObject({
      code: "RATE_LIMITED",
      retryAt: reset * 1_000,
      reason: { endpoint: "/api/v1/mics", limit: 1_000, remaining: 0 }
    })
    expect(server.stats.requests).toBe(2)
  })

  it("a 429 whose reset is later than maxWait fails at once", async () => {
    const server = await fakeServer()
    const { list } = open(server)
    const reset = inSeconds(60)
    server.script([{ on: "general", status: 429, body: limitedBody(reset) }])
    expect(await rejection(list("mics"))).toMatchObject({ code: "RATE_LIMITED", retryAt: reset * 1_000 })
    expect(await rejection(list("mics"))).toMatchObject({ code: "RATE_LIMITED" })
    expect(server.stats.requests).toBe(1)
  })

  it("do not apply to fetch", async () => {
    const server = await fakeServer()
    const { list } = open(server, { rateLimits: { perMinute: 1 } })
    await list("mics")
    await rejection(list("mics"))
    const deeply = clientOf(server, { rateLimits: { perMinute: 1 } })
    await deeply.mics.list()
    await rejection(deeply.mics.list())
    await Promise.all(Array.from({ length: 30 }, async () => (await deeply.fetch("/api/v1/mics")).body?.cancel()))
    expect(server.stats.requests).toBe(32)
  })

  it("are not kept with rateLimits: false", async () => {
    const server = await fakeServer()
    const { list } = open(server, { rateLimits: false })
    await Promise.all(Array.from({ length: 50 }, () => list("mics")))
    expect(server.stats.requests).toBe(50)
  })

  const hostile: ReadonlyArray<readonly [what: string, headers: Record<string, string>, body: unknown]> = [
    ["a Retry-After of years", { "retry-after": "99999999" }, {}],
    ["no numbers", { "retry-after": "\u00e4" }, { detail: { reset: "soon" } }],
    ["a number that is too large", { "retry-after": "9".repeat(8_000) }, { detail: { reset: 1e308 } }],
    ["a time in the past", { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, { detail: { reset: -1e308 } }],
    ["no time", {}, "x".repeat(100_000)]
  ]
  it.each(hostile)("a 429 with %s leads to neither many requests nor an endless wait", async (_, headers, body) => {
    const server = await rawApi((__, response) => {
      response.writeHead(429, headers).end(JSON.stringify(body))
    })
    const error = await rejection(open(server, { maxWait: "500 millis" }).list("events"))
    expect(error).toMatchObject({ code: "RATE_LIMITED" })
    const { retryAt } = error as { readonly retryAt: number }
    expect(retryAt - Date.now()).toBeLessThanOrEqual(86_400_000)
    expect(server.general().length).toBeLessThanOrEqual(2)
  })
})

describe("rate limits, with the promise API", () => {
  it("two clients of one key both finish: each waits if the other has used up the limit", async () => {
    const server = await fakeServer({ rateLimits: { perSecond: 5 }, events: 12 })
    const read = async () => {
      let count = 0
      const options = { rateLimits: { perSecond: 5 } }
      for await (const _ of clientOf(server, options).events.all({ size: 2 })) count += 1
      return count
    }
    expect(await Promise.all([read(), read()])).toEqual([12, 12])
  })

  it("an aborted call gives its turn to the next one", async () => {
    const server = await rawApi((_, response) => json(response, 200, {}))
    const deeply = clientOf(server, { rateLimits: { perSecond: 1 } })
    await rejection(deeply.mics.list())
    const stop = new AbortController()
    const leaving = rejection(deeply.mics.list({}, { signal: stop.signal }))
    const staying = rejection(deeply.mics.list())
    stop.abort("enough")
    expect(await leaving).toBe("enough")
    expect(await staying).toMatchObject({ code: "RESPONSE_INVALID" })
  })
})
