import type { TokenEvent } from "@tokenkeep/core"
import { getEventListeners } from "node:events"
import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, keepingResponses, rejection } from "./support/clients.ts"
import { eventsOf, correctPage, pagedApi, requestedPages } from "./support/pages.ts"
import { rawApi } from "./support/servers.ts"
import { typedApis } from "./support/typedClients.ts"

const idsOf = (items: ReadonlyArray<{ readonly id: string }>) => items.map(({ id }) => id)
const unlimited = { rateLimits: false }

describe.each(typedApis)("all(), with the $api API", ({ open }) => {
  it("returns every item once, in the fewest requests", async () => {
    const server = await fakeServer({ events: 250 })
    const { take } = open(server)
    expect(idsOf(await take("events", Infinity))).toEqual(idsOf(eventsOf(1, 250)))
    expect(await take("mics", Infinity)).toHaveLength(5)
    expect(server.stats.log.slice(1).map(({ path }) => path)).toEqual([
      ...[1, 2, 3].map((page) => `/api/v1/events?page=${page}&size=100`),
      "/api/v1/mics?page=1&size=100"
    ])
  })

  it("fetches each page only when the loop reaches it", async () => {
    const server = await pagedApi((requested) => correctPage(eventsOf(1, 100), requested))
    for (const [count, pages] of [
      [1, 1],
      [10, 1],
      [11, 2],
      [20, 2],
      [100, 10],
      [Infinity, 10]
    ] as const) {
      const before = server.general().length
      const items = await open(server, unlimited).take("events", count, { size: 10 })
      expect(items).toHaveLength(Math.min(count, 100))
      expect(server.general().length - before).toBe(pages)
    }
  })

  it("starts at the page of the query, with its size and its filters", async () => {
    const server = await fakeServer({ events: 100 })
    const { take } = open(server)
    expect(idsOf(await take("events", Infinity, { page: 3, size: 40 }))).toEqual(idsOf(eventsOf(81, 20)))
    const items = await take("events", Infinity, { page: 9, label_id: "crying" })
    expect(items).toEqual([])
    expect(server.stats.log.at(-1)?.path).toBe("/api/v1/events?page=9&size=100&label_id=crying")
  })

  it("returns nothing for an empty list", async () => {
    const server = await fakeServer({ events: 0 })
    expect(await open(server).take("events", Infinity)).toEqual([])
    expect(server.stats.requests).toBe(1)
  })

  it("returns each item once if items are added at the top meanwhile", async () => {
    for (const perPage of [1, 9, 10, 11, 35]) {
      let newest = 0
      const server = await pagedApi((requested) => {
        const page = correctPage(eventsOf(newest, 50 - newest), requested)
        // The list stops growing: otherwise a reader at the same speed would never advance.
        if (newest > -4 * perPage) newest -= perPage
        return page
      })
      const ids = idsOf(await open(server, unlimited).take("events", Infinity, { size: 10 }))
      expect([perPage, new Set(ids).size]).toEqual([perPage, ids.length])
      expect([perPage, ids]).toEqual([perPage, expect.arrayContaining(idsOf(eventsOf(0, 50)))])
    }
  })

  it("ends without an error if items are removed meanwhile", async () => {
    let count = 50
    const server = await pagedApi((requested) => {
      const page = correctPage(eventsOf(0, count), requested)
      count = Math.max(0, count - 12)
      return page
    })
    const ids = idsOf(await open(server, unlimited).take("events", Infinity, { size: 10 }))
    expect(new Set(ids).size).toBe(ids.length)
    expect(requestedPages(server).length).toBeLessThan(6)
  })

  it("returns an item once that is twice on one page", async () => {
    const server = await pagedApi(() => ({
      ...correctPage(eventsOf(1, 2), { page: 1, size: 10 }),
      results: [...eventsOf(1, 2), ...eventsOf(1, 2)]
    }))
    expect(idsOf(await open(server).take("events", Infinity))).toEqual(["event-1", "event-2"])
  })

  const wrongServers: ReadonlyArray<
    readonly [name: string, pageOf: (page: number) => object, items: number, requests: number]
  > = [
    ["repeats its only page forever", () => ({ max_page: 2 ** 53 - 1, results: eventsOf(1, 3) }), 3, 2],
    [
      "promises pages that are empty",
      (page) => ({ max_page: 1e9, results: page > 2 ? [] : eventsOf(page * 10, 3) }),
      6,
      3
    ],
    ["repeats three pages in turn", (page) => ({ max_page: 1e9, results: eventsOf((page % 3) * 10, 10) }), 30, 4],
    ["reports zero pages", () => ({ max_page: 0, total_cnt: 0, results: eventsOf(1, 3) }), 3, 1],
    [
      "reports a page size of zero",
      (page) => ({ size: 0, total_cnt: 9, results: eventsOf(page > 2 ? 1 : page, 1) }),
      2,
      3
    ],
    ["reports a wrong page number", (page) => ({ page: 77, max_page: 3, results: eventsOf(page, 1) }), 3, 3],
    [
      "reports a max_page that is too small for its total",
      (page) => ({ max_page: 1, total_cnt: 25, results: eventsOf(page * 10, 10) }),
      30,
      3
    ],
    [
      "promises more with every page that it repeats",
      (page) => ({ max_page: page + 1, total_cnt: page * 10, results: eventsOf(1, 3) }),
      3,
      101
    ]
  ]
  it.each(wrongServers)("ends if the server %s", async (_, pageOf, items, requests) => {
    const server = await pagedApi(({ page, size }) => ({ page, size, total_cnt: 3, max_page: 1, ...pageOf(page) }))
    expect(await open(server, unlimited).take("events", Infinity, { size: 10 })).toHaveLength(items)
    expect(requestedPages(server)).toHaveLength(requests)
  })

  it("REQ-7: waits for its turn up to maxWait for each page, and returns all items", async () => {
    const server = await fakeServer({ events: 25, rateLimits: true })
    const { take } = open(server)
    expect(await take("events", Infinity, { size: 1 })).toHaveLength(25)
  })

  it("REQ-7: fails with RATE_LIMITED if maxWait is not enough for a page", async () => {
    const server = await fakeServer({ events: 25 })
    const { take } = open(server, { maxWait: 1, rateLimits: { perMinute: 3 } })
    expect(await rejection(take("events", Infinity, { size: 1 }))).toMatchObject({ code: "RATE_LIMITED" })
    expect(server.stats.requests).toBe(3)
  })

  it("fails after the items of the pages before the error", async () => {
    const server = await fakeServer()
    const { take } = open(server)
    server.script([
      { on: "general", before: () => undefined },
      { on: "general", status: 500 }
    ])
    expect(await take("events", 10, { size: 10 })).toHaveLength(10)
    server.script([{ on: "general", status: 500 }])
    expect(await rejection(take("events", 11, { size: 10 }))).toMatchObject({ code: "API_ERROR" })
  })
})

describe("all() of the promise API", () => {
  it("sends nothing before it is read, and each loop starts again", async () => {
    const server = await fakeServer({ events: 3 })
    const all = clientOf(server).events.all({ size: 2 })
    expect(server.stats.tokenRequests).toBe(0)
    for (let round = 1; round <= 2; round += 1) {
      const ids: Array<string> = []
      for await (const { id } of all) ids.push(id)
      expect(ids).toEqual(["event-1", "event-2", "event-3"])
      expect(server.stats.requests).toBe(2 * round)
    }
  })

  it("concurrent calls of next() resolve in order", async () => {
    const server = await fakeServer({ events: 5 })
    const reader = clientOf(server).events.all({ size: 2 })[Symbol.asyncIterator]()
    const results = await Promise.all(Array.from({ length: 7 }, () => reader.next()))
    expect(results.map(({ value }) => (value as { readonly id: string } | undefined)?.id)).toEqual([
      ...idsOf(eventsOf(1, 5)),
      undefined,
      undefined
    ])
    expect(server.stats.requests).toBe(3)
  })

  it("return() aborts the pending request", async () => {
    const server = await rawApi(() => undefined)
    const deeply = clientOf(server)
    const reader = deeply.events.all()[Symbol.asyncIterator]()
    const waiting = reader.next()
    await eventually(() => server.general().length).toBe(1)
    expect(await reader.return?.()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    await eventually(() => server.general()[0]?.aborted).toBe(true)
  })

  it("return() cancels a body that is being received", async () => {
    const server = await rawApi((_, response) => void response.writeHead(200).write('{"page": 1,'))
    const kept: Array<Response> = []
    const { events } = clientOf(server, { transport: keepingResponses(kept) })
    const reader = events.all()[Symbol.asyncIterator]()
    const waiting = reader.next()
    await eventually(() => kept.length).toBe(2)
    await reader.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await eventually(() => server.general()[0]?.aborted).toBe(true)
  })

  const reason = { why: "the caller's own" }

  it.each([
    ["before the first item", 0],
    ["between two items", 1]
  ])("rejects with the signal's reason if it aborts %s", async (_, count) => {
    const server = await fakeServer()
    const stop = new AbortController()
    const reader = clientOf(server).events.all({ size: 2 }, { signal: stop.signal })[Symbol.asyncIterator]()
    for (let read = 0; read < count; read += 1) await reader.next()
    stop.abort(reason)
    expect(await rejection(reader.next())).toBe(reason)
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(server.stats.requests).toBe(count)
  })

  it("rejects with the signal's reason if it aborts while a page is pending", async () => {
    const server = await fakeServer()
    const stop = new AbortController()
    const reader = clientOf(server).events.all({ size: 1 }, { signal: stop.signal })[Symbol.asyncIterator]()
    await reader.next()
    server.script([{ on: "general", hang: true }])
    const waiting = rejection(reader.next())
    await eventually(() => server.stats.requests).toBe(2)
    stop.abort(reason)
    expect(await waiting).toBe(reason)
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(server.stats.requests).toBe(2)
  })

  it("respects maxWait, as every call does: a 429 for an hour fails at once", async () => {
    const server = await fakeServer()
    server.script([{ on: "general", status: 429, headers: { "retry-after": "3600" } }])
    const error = await rejection(clientOf(server).events.all()[Symbol.asyncIterator]().next())
    expect(error).toMatchObject({ code: "RATE_LIMITED", reason: { endpoint: "/api/v1/events" } })
    expect(server.stats.requests).toBe(1)
  })

  it("with a longer maxWait it waits, and an event shows until when", async () => {
    const server = await fakeServer({ events: 1 })
    const seen: Array<TokenEvent> = []
    const deeply = clientOf(server, { maxWait: 60_000, onTokenEvent: (event) => void seen.push(event) })
    server.script([{ on: "general", status: 429, headers: { "retry-after": "0.5" } }])
    expect(await deeply.events.all()[Symbol.asyncIterator]().next()).toMatchObject({ done: false })
    const [waiting] = seen.filter(({ type }) => type === "rate-limit-waiting")
    expect(waiting).toMatchObject({ endpoint: "/api/v1/events", until: expect.any(Number) })
  })

  it("a signal also ends a long wait for a rate limit", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server, { maxWait: 7_200_000 })
    server.script([{ on: "general", status: 429, headers: { "retry-after": "3600" } }])
    const stop = new AbortController()
    const waiting = rejection(deeply.events.all({}, { signal: stop.signal })[Symbol.asyncIterator]().next())
    await eventually(() => server.stats.byStatus[429]).toBe(1)
    stop.abort("enough")
    expect(await waiting).toBe("enough")
  })

  it("leaves no listener on the signal", async () => {
    const server = await fakeServer({ events: 4 })
    const { signal } = new AbortController()
    const deeply = clientOf(server)
    let most = 0
    for await (const _ of deeply.events.all({ size: 1 }, { signal })) {
      most = Math.max(most, getEventListeners(signal, "abort").length)
    }
    await deeply.events.list({}, { signal })
    expect(most).toBeLessThanOrEqual(1)
    expect(getEventListeners(signal, "abort")).toEqual([])
  })

  it("two loops over one object are independent", async () => {
    const server = await fakeServer({ events: 6 })
    const all = clientOf(server).events.all({ size: 2 })
    const read = async () => {
      const ids: Array<string> = []
      for await (const { id } of all) ids.push(id)
      return ids
    }
    expect(await Promise.all([read(), read()])).toEqual([idsOf(eventsOf(1, 6)), idsOf(eventsOf(1, 6))])
  })

  it("reads a thousand pages in order", async () => {
    const server = await pagedApi(({ page, size }) => ({
      page,
      size,
      total_cnt: 1_000_000,
      max_page: 10_000,
      results: eventsOf(page * 100, 2)
    }))
    let count = 0
    for await (const { id } of clientOf(server, unlimited).events.all()) {
      expect(id).toBe(`event-${Math.floor(count / 2 + 1) * 100 + (count % 2)}`)
      if ((count += 1) === 2_000) break
    }
    expect(requestedPages(server)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1))
  })
})
