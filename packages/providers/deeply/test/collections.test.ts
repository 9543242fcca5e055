import { assertNoSecrets } from "@tokenkeep/core/testing"
import { createDeeply } from "@tokenkeep/deeply"
import type { Fault, SampleEvent } from "@tokenkeep/deeply/testing"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, rejection, sampleKey, thrown } from "./support/clients.ts"
import { json, rawApi } from "./support/servers.ts"
import { typedApis } from "./support/typedClients.ts"

/** The paths that the server received, without token requests. */
const receivedPaths = ({ stats }: { readonly stats: { readonly log: ReadonlyArray<{ readonly path: string }> } }) =>
  stats.log.map(({ path }) => path).filter((path) => !path.includes("reissue"))

const detail = (message: string) => ({ detail: { message } })

describe.each(typedApis)("typed calls, with the $api API", ({ open }) => {
  it("list returns a page with the API's own field names", async () => {
    const server = await fakeServer()
    const page = await open(server).list("events")
    expect(page).toMatchObject({ page: 1, size: 10, total_cnt: 100, max_page: 10 })
    expect(page.results.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, index) => `event-${index + 1}`))
    expect(receivedPaths(server)).toEqual(["/api/v1/events?page=1&size=10"])
  })

  it("list sends every documented parameter, encoded once", async () => {
    const server = await fakeServer()
    const { list } = open(server)
    const query = {
      label_id: ["crying", "a&b=c"],
      mic_id: "mic-1",
      start: new Date("2025-08-01T00:00:00Z"),
      end: "2025-09-01T00:00:00+09:00",
      page: 2,
      size: 5
    }
    expect(await list("events", query)).toMatchObject({ page: 2, size: 5 })
    expect(await list("mics", { name: "lob", edge_id: "edge-1" })).toMatchObject({ results: [{ name: "Lobby" }] })
    const [events = "", mics] = receivedPaths(server)
    expect([...new URL(events, server.url).searchParams]).toEqual([
      ["page", "2"],
      ["size", "5"],
      ["label_id", "crying"],
      ["label_id", "a&b=c"],
      ["mic_id", "mic-1"],
      ["start", "2025-08-01T00:00:00.000Z"],
      ["end", "2025-09-01T00:00:00+09:00"]
    ])
    expect(mics).toBe("/api/v1/mics?page=1&size=10&name=lob&edge_id=edge-1")
  })

  it("get returns one item", async () => {
    const server = await fakeServer()
    const { get } = open(server)
    expect(await get("events", "event-7")).toMatchObject({ id: "event-7" })
    expect(await get("mics", "mic-2")).toMatchObject({ id: "mic-2", edge_id: "edge-2" })
  })

  it("REQ-3: an id cannot change the path", async () => {
    const server = await fakeServer()
    const { get } = open(server)
    const ids = ["../mics/mic-1", "a/b", "%2e%2e", "a?b#c", "…", "a b", "..%2f..", "a\\..\\b", "https://evil.test/"]
    for (const id of ids) expect(await rejection(get("events", id))).toMatchObject({ code: "API_ERROR" })
    expect(receivedPaths(server)).toEqual(ids.map((id) => `/api/v1/events/${encodeURIComponent(id)}`))
  })

  it("undocumented fields and labels are returned unchanged", async () => {
    const later = {
      id: "event-1",
      label: { id: "bark_dog", name: { ko: "개 짖는 소리", en: "Dog bark", fr: "Aboiement" }, severity: 2 },
      confidence: 1,
      mic: { id: "mic-1", name: "Lobby", location: { latitude: 0, longitude: 0, floor: 3 } },
      created_at: "2025-08-01T09:00:00.123456+09:00",
      updated_at: "2025-08-01",
      audio: { url: "https://example.test/1" }
    } as SampleEvent
    const server = await fakeServer({ events: [later] })
    const { get, list, take } = open(server)
    expect(await get("events", "event-1")).toEqual(later)
    expect((await list("events")).results).toEqual([later])
    expect(await take("events", Infinity)).toEqual([later])
  })

  it("REQ-1: a call succeeds although its token has expired", async () => {
    const server = await fakeServer()
    const { list } = open(server)
    await list("mics")
    server.expireTokens()
    expect(await list("mics")).toMatchObject({ total_cnt: 5 })
    expect(server.stats).toMatchObject({ issued: 2, unauthorized: 1, apiKeyLeaks: 0 })
  })

  const failures: ReadonlyArray<readonly [name: string, fault: Fault, expected: object]> = [
    ["a second 401 'expired'", { times: 2, status: 401, body: detail("Token expired.") }, { code: "TOKEN_EXPIRED" }],
    ["a second 401", { times: 2, status: 401 }, { code: "TOKEN_INVALID" }],
    ["a 403 of the API", { status: 403, body: detail("No token.") }, { code: "TOKEN_MISSING" }],
    ["a 403 of a firewall", { status: 403, body: "<html>" }, { code: "FORBIDDEN" }],
    ["404", { status: 404, body: detail("Not Found") }, { code: "API_ERROR", retryable: false }],
    ["405", { status: 405 }, { code: "API_ERROR", retryable: false }],
    ["422", { status: 422, body: { detail: [{ loc: ["query", "size"] }] } }, { code: "API_ERROR" }],
    ["500", { status: 500, body: detail("Oops") }, { code: "API_ERROR", retryable: true }],
    ["204", { status: 204 }, { code: "API_ERROR", reason: { _tag: "ApiError", status: 204 } }],
    ["304", { status: 304 }, { code: "API_ERROR", reason: { _tag: "ApiError", status: 304 } }],
    ["a reset", { reset: true }, { code: "TRANSPORT_FAILED", retryable: true }],
    ["a redirect to an invalid URL", { redirect: "http://[" }, { code: "TRANSPORT_FAILED" }],
    ["HTML", { status: 200, body: "<html>Log in</html>" }, { code: "RESPONSE_INVALID" }],
    ["no body", { status: 200 }, { code: "RESPONSE_INVALID", reason: { path: "$" } }],
    ["another document", { status: 200, body: { ok: true } }, { code: "RESPONSE_INVALID", reason: { path: "$.page" } }]
  ]
  it.each(failures)("REQ-6: %s has its error code, with a link to its documentation", async (_, fault, expected) => {
    const server = await fakeServer()
    const { list } = open(server)
    server.script([{ ...fault, on: "/api/v1/events" }])
    const error = await rejection(list("events"))
    expect(error).toMatchObject(expected)
    expect(error).toHaveProperty("docs", expect.stringMatching(/errors\.md#[A-Z_]+$/))
    expect(server.stats.faultsLeft).toBe(0)
  })

  it("SEC-1: no error prints the key or the token, even if the server repeats both", async () => {
    const statuses = [400, 404, 500, 200, 401, 403]
    let status = 200
    const server = await rawApi(({ headers, path }, response) => {
      const echo = `You sent ${headers.authorization} with ${sampleKey}`
      json(response, status, { detail: { message: echo }, page: echo, [echo]: path, results: [{ id: echo }] })
    })
    const { list, get } = open(server)
    for (status of statuses) {
      for (const error of [await rejection(list("events")), await rejection(get("mics", "mic-1"))]) {
        expect(error).toHaveProperty("code")
        const printed = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error)
        assertNoSecrets(printed, [
          sampleKey,
          ...Array.from({ length: server.tokenRequests() }, (_, at) => `token-${at + 1}`)
        ])
      }
    }
    expect(server.general().length).toBeGreaterThan(statuses.length)
  })

  it("CONFIG_INVALID: the options are checked when the client is created", async () => {
    const server = await fakeServer()
    const wrong = { rateLimits: { perSecond: -1 } }
    const error =
      open === typedApis[0]?.open
        ? thrown(() => createDeeply({ ...wrong, apiKey: server.apiKey, host: server.host }))
        : await rejection(open(server, wrong).list("mics"))
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "rateLimits.perSecond" } })
    expect(server.stats.tokenRequests).toBe(0)
  })

  it("KEY-1: the key is not sent to a typed endpoint", async () => {
    const server = await fakeServer()
    const { get, list, take } = open(server)
    await list("events")
    await get("mics", "mic-1")
    await take("events", Infinity)
    expect(server.stats).toMatchObject({ apiKeyLeaks: 0, tokenRequestsWithAccessToken: 0, issued: 1 })
  })
})

describe("calls of the promise API", () => {
  it("work detached from the client", async () => {
    const server = await fakeServer()
    const { events, mics } = clientOf(server)
    const { get, list } = events
    expect((await list()).total_cnt).toBe(100)
    expect((await get("event-1")).id).toBe("event-1")
    const { list: listMics } = mics
    expect((await listMics()).total_cnt).toBe(5)
  })

  it("a signal rejects a call with its reason, before and while it is pending", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.token()
    const reason = { why: "the caller's own" }
    expect(await rejection(deeply.events.list({}, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(await rejection(deeply.mics.get("mic-1", { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(server.stats.requests).toBe(0)
    server.script([{ on: "general", hang: true }])
    const stop = new AbortController()
    const call = rejection(deeply.events.list({}, { signal: stop.signal }))
    await eventually(() => server.stats.requests).toBe(1)
    stop.abort(reason)
    expect(await call).toBe(reason)
    expect(await deeply.events.list({}, { signal: new AbortController().signal })).toMatchObject({ page: 1 })
  })

  it("a value that is not a signal is rejected", async () => {
    const server = await fakeServer()
    const signal = "soon" as unknown as AbortSignal
    const error = await rejection(clientOf(server).events.list({}, { signal }))
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "signal" } })
    expect(await rejection(clientOf(server).events.get("event-1", { signal }))).toMatchObject({
      code: "CONFIG_INVALID"
    })
  })

  it("a query that is changed after the call does not change the request", async () => {
    const server = await fakeServer()
    const { events } = clientOf(server)
    const query = { page: 1, label_id: ["crying"], start: new Date(0) }
    const list = events.list(query)
    const all = events.all(query)
    query.page = 9
    query.label_id.push("save_me")
    query.start.setTime(1_000)
    await list
    await all[Symbol.asyncIterator]().next()
    const filters = "label_id=crying&start=1970-01-01T00%3A00%3A00.000Z"
    expect(receivedPaths(server)).toEqual([
      `/api/v1/events?page=1&size=10&${filters}`,
      `/api/v1/events?page=1&size=100&${filters}`
    ])
  })

  it("RUN-2: after dispose every call rejects with DISPOSED, and so does a call that waits for a rate limit", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server, { rateLimits: { perMinute: 1 }, maxWait: "2 minutes" })
    await deeply.mics.list()
    const waiting = rejection(deeply.mics.list())
    // It would wait for a minute, but the client is disposed before.
    await deeply.dispose()
    expect(await waiting).toMatchObject({ code: "DISPOSED" })
    expect(await rejection(deeply.events.list())).toMatchObject({ code: "DISPOSED" })
    expect(await rejection(deeply.events.all()[Symbol.asyncIterator]().next())).toMatchObject({ code: "DISPOSED" })
    expect(server.stats.requests).toBe(1)
  })
})
