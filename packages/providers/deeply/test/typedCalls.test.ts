import { assertNoSecrets } from "@tokenkeep/core/testing"
import { createDeeply } from "@tokenkeep/deeply"
import type { Fault, SampleEvent } from "@tokenkeep/deeply/testing"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, rejection, sampleKey, thrown } from "./support/clients.ts"
import { json, rawApi } from "./support/servers.ts"
import { typedDoors } from "./support/typed.ts"

/** What the server was asked for, without the issue call. */
const asked = ({ stats }: { readonly stats: { readonly log: ReadonlyArray<{ readonly path: string }> } }) =>
  stats.log.map(({ path }) => path).filter((path) => !path.includes("reissue"))

const detail = (message: string) => ({ detail: { message } })

describe.each(typedDoors)("typed calls through the $door door", ({ open }) => {
  it("list gives a page, by the API's own names", async () => {
    const server = await fakeServer()
    const page = await open(server).list("events")
    expect(page).toMatchObject({ page: 1, size: 10, total_cnt: 100, max_page: 10 })
    expect(page.results.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, index) => `event-${index + 1}`))
    expect(asked(server)).toEqual(["/api/v1/events?page=1&size=10"])
  })

  it("list takes every documented parameter, encoded once", async () => {
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
    const [events = "", mics] = asked(server)
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

  it("get gives one item", async () => {
    const server = await fakeServer()
    const { get } = open(server)
    expect(await get("events", "event-7")).toMatchObject({ id: "event-7" })
    expect(await get("mics", "mic-2")).toMatchObject({ id: "mic-2", edge_id: "edge-2" })
  })

  it("REQ-3: an id cannot leave its path, whatever is in it", async () => {
    const server = await fakeServer()
    const { get } = open(server)
    const ids = ["../mics/mic-1", "a/b", "%2e%2e", "a?b#c", "…", "a b", "..%2f..", "a\\..\\b", "https://evil.test/"]
    for (const id of ids) expect(await rejection(get("events", id))).toMatchObject({ code: "API_ERROR" })
    expect(asked(server)).toEqual(ids.map((id) => `/api/v1/events/${encodeURIComponent(id)}`))
  })

  it("what is not documented stays in, and labels are open", async () => {
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

  it("REQ-1: the token is renewed under a call, which does not notice", async () => {
    const server = await fakeServer()
    const { list } = open(server)
    await list("mics")
    server.expireTokens()
    expect(await list("mics")).toMatchObject({ total_cnt: 5 })
    expect(server.stats).toMatchObject({ issued: 2, unauthorized: 1, apiKeyLeaks: 0 })
  })

  const answers: ReadonlyArray<readonly [what: string, fault: Fault, expected: object]> = [
    ["a second 401 'expired'", { times: 2, status: 401, body: detail("Token expired.") }, { code: "TOKEN_EXPIRED" }],
    ["a second 401", { times: 2, status: 401 }, { code: "TOKEN_INVALID" }],
    ["403 of the API", { status: 403, body: detail("No token.") }, { code: "TOKEN_MISSING" }],
    ["403 of a firewall", { status: 403, body: "<html>" }, { code: "FORBIDDEN" }],
    ["404", { status: 404, body: detail("Not Found") }, { code: "API_ERROR", retryable: false }],
    ["405", { status: 405 }, { code: "API_ERROR", retryable: false }],
    ["422", { status: 422, body: { detail: [{ loc: ["query", "size"] }] } }, { code: "API_ERROR" }],
    ["500", { status: 500, body: detail("Oops") }, { code: "API_ERROR", retryable: true }],
    ["204", { status: 204 }, { code: "API_ERROR", reason: { _tag: "ApiError", status: 204 } }],
    ["304", { status: 304 }, { code: "API_ERROR", reason: { _tag: "ApiError", status: 304 } }],
    ["a reset", { reset: true }, { code: "TRANSPORT_FAILED", retryable: true }],
    ["a redirect to nowhere", { redirect: "http://[" }, { code: "TRANSPORT_FAILED" }],
    ["HTML", { status: 200, body: "<html>Log in</html>" }, { code: "RESPONSE_INVALID" }],
    ["no body", { status: 200 }, { code: "RESPONSE_INVALID", reason: { path: "$" } }],
    ["another document", { status: 200, body: { ok: true } }, { code: "RESPONSE_INVALID", reason: { path: "$.page" } }]
  ]
  it.each(answers)("REQ-6: %s has its code, with a page that explains it", async (_, fault, expected) => {
    const server = await fakeServer()
    const { list } = open(server)
    server.script([{ ...fault, on: "/api/v1/events" }])
    const error = await rejection(list("events"))
    expect(error).toMatchObject(expected)
    expect(error).toHaveProperty("docs", expect.stringMatching(/errors\.md#[A-Z_]+$/))
    expect(server.stats.faultsLeft).toBe(0)
  })

  it("SEC-1: no error of a call prints the key or the token, though the server repeats both", async () => {
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
          ...Array.from({ length: server.issueCalls() }, (_, at) => `token-${at + 1}`)
        ])
      }
    }
    expect(server.general().length).toBeGreaterThan(statuses.length)
  })

  it("CONFIG_INVALID: the client's options are checked when it is made", async () => {
    const server = await fakeServer()
    const wrong = { rateLimits: { perSecond: -1 } }
    const error =
      open === typedDoors[0]?.open
        ? thrown(() => createDeeply({ ...wrong, apiKey: server.apiKey, host: server.host }))
        : await rejection(open(server, wrong).list("mics"))
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "rateLimits.perSecond" } })
    expect(server.stats.issueCalls).toBe(0)
  })

  it("KEY-1: the key goes to no typed endpoint", async () => {
    const server = await fakeServer()
    const { get, list, take } = open(server)
    await list("events")
    await get("mics", "mic-1")
    await take("events", Infinity)
    expect(server.stats).toMatchObject({ apiKeyLeaks: 0, tokenAtIssue: 0, issued: 1 })
  })
})

describe("the promise door's own", () => {
  it("calls work detached, and events() is still what happened to the token", async () => {
    const server = await fakeServer()
    const { events, mics } = clientOf(server)
    const { get, list } = events
    expect((await list()).total_cnt).toBe(100)
    expect((await get("event-1")).id).toBe("event-1")
    const { list: listMics } = mics
    expect((await listMics()).total_cnt).toBe(5)
    for await (const event of events()) {
      expect(event.type).toBe("renewal-started")
      break
    }
  })

  it("a signal ends a call with its reason: before it, and under way; then nothing is left on the wire", async () => {
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

  it("what is no signal is refused", async () => {
    const server = await fakeServer()
    const signal = "soon" as unknown as AbortSignal
    const error = await rejection(clientOf(server).events.list({}, { signal }))
    expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: { option: "signal" } })
    expect(await rejection(clientOf(server).events.get("event-1", { signal }))).toMatchObject({
      code: "CONFIG_INVALID"
    })
  })

  it("arguments are taken as they are when the call is made", async () => {
    const server = await fakeServer()
    const { events } = clientOf(server)
    const query = { page: 1, label_id: ["crying"] }
    const first = events.list(query)
    query.page = 9
    query.label_id.push("save_me")
    await first
    const [path] = asked(server)
    expect(path).toBe("/api/v1/events?page=1&size=10&label_id=crying")
  })

  it("RUN-2: after dispose every call is DISPOSED, and one that waits for its turn is told", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server, { rateLimits: { perMinute: 1 }, patience: "2 minutes" })
    await deeply.mics.list()
    const waiting = rejection(deeply.mics.list())
    // Its turn comes in a minute, and the dispose before.
    await deeply.dispose()
    expect(await waiting).toMatchObject({ code: "DISPOSED" })
    expect(await rejection(deeply.events.list())).toMatchObject({ code: "DISPOSED" })
    expect(await rejection(deeply.events.all()[Symbol.asyncIterator]().next())).toMatchObject({ code: "DISPOSED" })
    expect(server.stats.requests).toBe(1)
  })
})
