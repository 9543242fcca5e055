import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { createFakeDeeply, type Fault, type FakeDeeply, type FakeDeeplyOptions } from "../src/testing/index.ts"

const REISSUE = "/api/v1/auth/reissue"
const EVENTS = "/api/v1/events"

const send = (fake: FakeDeeply, path: string, credential?: string, init: RequestInit = {}) => {
  const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` }
  return fake.handle(new Request(`http://fake${path}`, { headers, ...init }))
}

const requestToken = async (fake: FakeDeeply): Promise<string> => {
  const body = await (await send(fake, REISSUE, fake.apiKey)).json()
  return body.access_token
}

/** A fake server, one of its tokens, and a function that sends requests with that token. */
const authorized = async (options: FakeDeeplyOptions = {}) => {
  const fake = createFakeDeeply({ rateLimits: false, ...options })
  const token = await requestToken(fake)
  return { fake, token, get: (path: string) => send(fake, path, token) }
}

const messageOf = async (response: Response) => (await response.json()).detail.message

const bodyOf = async (options: FakeDeeplyOptions) => (await (await authorized(options)).get(EVENTS)).text()

const refusalsOf = async (count: number, request: () => Promise<Response>) => {
  const statuses = await Promise.all(Array.from({ length: count }, async () => (await request()).status))
  return statuses.filter((status) => status === 429).length
}

describe("the reissue endpoint", () => {
  it("responds to the API key with an access token and nothing else", async () => {
    const fake = createFakeDeeply()
    const response = await send(fake, REISSUE, fake.apiKey)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ access_token: expect.stringMatching(/^\S{20,}$/) })
  })

  it("responds with 401 to an unknown key, a revoked key or an access token, and with 403 without a credential", async () => {
    const fake = createFakeDeeply()
    const token = await requestToken(fake)
    expect((await send(fake, REISSUE, "dk_unknown")).status).toBe(401)
    const misplaced = await send(fake, REISSUE, token)
    expect(misplaced.status).toBe(401)
    expect(await messageOf(misplaced)).toEqual(expect.any(String))
    const none = await send(fake, REISSUE)
    expect(none.status).toBe(403)
    expect(await messageOf(none)).toEqual(expect.any(String))
    fake.revokeKey()
    expect((await send(fake, REISSUE, fake.apiKey)).status).toBe(401)
    expect(fake.stats.tokenRequestsWithAccessToken).toBe(1)
  })

  it.each(["POST", "PUT", "DELETE", "HEAD"])("responds with 405 to %s", async (method) => {
    const fake = createFakeDeeply()
    const response = await send(fake, REISSUE, fake.apiKey, { method })
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"])
    expect(fake.stats.issued).toBe(0)
  })

  it("accepts only the new key after a rotation, and all issued tokens", async () => {
    const { fake, get } = await authorized()
    const old = fake.apiKey
    const next = fake.rotateKey()
    expect(next).not.toBe(old)
    expect(fake.apiKey).toBe(next)
    expect((await send(fake, REISSUE, old)).status).toBe(401)
    expect((await send(fake, REISSUE, next)).status).toBe(200)
    expect((await get(EVENTS)).status).toBe(200)
  })

  it("issues JWTs with exp in whole seconds and a unique id", async () => {
    const fake = createFakeDeeply({ jwt: true, now: () => 1_000_900, tokenLifetime: 60_000 })
    const claims = [await requestToken(fake), await requestToken(fake)].map((token) =>
      JSON.parse(atob(token.split(".")[1] ?? ""))
    )
    expect(claims[0]).toMatchObject({ iat: 1000, exp: 1060 })
    expect(claims[0].jti).not.toBe(claims[1].jti)
    const endless = createFakeDeeply({ jwt: true, tokenLifetime: Infinity })
    expect(JSON.parse(atob((await requestToken(endless)).split(".")[1] ?? ""))).not.toHaveProperty("exp")
  })

  it("revokes the previous token only with voidPrevious", async () => {
    const withoutVoiding = await authorized()
    await requestToken(withoutVoiding.fake)
    expect((await withoutVoiding.get(EVENTS)).status).toBe(200)
    const voiding = await authorized({ voidPrevious: true })
    const second = await requestToken(voiding.fake)
    const refused = await voiding.get(EVENTS)
    expect(refused.status).toBe(401)
    expect(await messageOf(refused)).not.toContain("expired")
    expect((await send(voiding.fake, EVENTS, second)).status).toBe(200)
  })
})

describe("access tokens", () => {
  it("expire after their lifetime, with the documented message", async () => {
    let now = 0
    const { get } = await authorized({ now: () => now, tokenLifetime: 1_000 })
    now = 999
    expect((await get(EVENTS)).status).toBe(200)
    now = 1_000
    const refused = await get(EVENTS)
    expect(refused.status).toBe(401)
    expect(await refused.json()).toEqual({
      detail: { message: "Authentication token expired. Please reissue a new token to renew your session." }
    })
  })

  it("expire after 15 minutes by default", async () => {
    let now = 0
    const { get } = await authorized({ now: () => now })
    now = 15 * 60_000 - 1
    expect((await get(EVENTS)).status).toBe(200)
    now += 1
    expect((await get(EVENTS)).status).toBe(401)
  })

  it("can be expired and revoked, which does not affect later tokens", async () => {
    const { fake, get } = await authorized()
    fake.expireTokens()
    expect(await messageOf(await get(EVENTS))).toContain("expired")
    fake.revokeTokens()
    expect(await messageOf(await get(EVENTS))).not.toContain("expired")
    expect((await send(fake, EVENTS, await requestToken(fake))).status).toBe(200)
  })

  it("are required: 403 without one, 401 with an unknown one, 403 with another scheme", async () => {
    const fake = createFakeDeeply()
    expect((await send(fake, EVENTS)).status).toBe(403)
    expect((await send(fake, EVENTS, "something")).status).toBe(401)
    const headers = { authorization: "Basic dTpw" }
    expect((await send(fake, EVENTS, undefined, { headers })).status).toBe(403)
  })

  it("are checked before the path and the method", async () => {
    const { fake, token } = await authorized()
    expect((await send(fake, "/nowhere")).status).toBe(403)
    expect((await send(fake, "/nowhere", token)).status).toBe(404)
    expect((await send(fake, EVENTS, undefined, { method: "POST", body: "x" })).status).toBe(403)
    const headers = { authorization: `Bearer ${token}` }
    expect((await send(fake, EVENTS, token, { method: "POST", body: "x", headers })).status).toBe(405)
  })
})

describe("API key at a general endpoint", () => {
  it("is rejected and counted", async () => {
    const fake = createFakeDeeply()
    expect((await send(fake, EVENTS, fake.apiKey)).status).toBe(401)
    expect(fake.stats).toMatchObject({ apiKeyLeaks: 1, unauthorized: 1, log: [{ authorization: "api-key" }] })
  })

  it("is counted once per request in a header, the URL or the body, even after a rotation", async () => {
    const fake = createFakeDeeply({ apiKey: "k+y/0=" })
    const key = fake.apiKey
    fake.rotateKey()
    await send(fake, EVENTS, undefined, { headers: { "x-api-key": key } })
    await send(fake, `${EVENTS}?key=${encodeURIComponent(key)}`, key)
    await send(fake, EVENTS, undefined, { method: "POST", body: `{"key":"${key}"}` })
    expect(fake.stats.apiKeyLeaks).toBe(3)
    expect(JSON.stringify(fake.stats)).not.toContain(key)
    expect(JSON.stringify(fake.stats)).not.toContain(encodeURIComponent(key))
  })
})

describe("events", () => {
  it("are a page of 10 of 100, with the documented fields", async () => {
    const { get } = await authorized()
    const page = await (await get(EVENTS)).json()
    expect(page).toMatchObject({ page: 1, size: 10, total_cnt: 100, max_page: 10 })
    expect(page.results).toHaveLength(10)
    expect(page.results[0]).toEqual({
      id: "event-1",
      label: { id: expect.any(String), name: { ko: expect.any(String), en: expect.any(String) } },
      confidence: expect.any(Number),
      mic: {
        id: expect.any(String),
        name: expect.any(String),
        location: { latitude: expect.any(Number), longitude: expect.any(Number) }
      },
      created_at: expect.stringMatching(/^2025-.*Z$/),
      updated_at: expect.stringMatching(/^2025-.*Z$/)
    })
  })

  it("depend only on the seed", async () => {
    expect(await bodyOf({})).toBe(await bodyOf({}))
    expect(await bodyOf({ seed: 2 })).not.toBe(await bodyOf({}))
  })

  it("are returned page by page, and an empty page after the last", async () => {
    const { get } = await authorized({ events: 25 })
    const idsOf = async (query: string) => {
      const page = await (await get(`${EVENTS}?${query}`)).json()
      return page.results.map(({ id }: { id: string }) => id)
    }
    expect(await idsOf("page=3&size=10")).toEqual(["event-21", "event-22", "event-23", "event-24", "event-25"])
    expect(await idsOf("page=4&size=10")).toEqual([])
    expect(await idsOf("size=100")).toHaveLength(25)
  })

  it("are filtered by microphone, label and time; several values of one parameter are alternatives", async () => {
    const { get } = await authorized()
    const all = (await (await get(`${EVENTS}?size=100`)).json()).results
    const list = async (query: string) => (await (await get(`${EVENTS}?size=100&${query}`)).json()).results
    const byMic = all.filter(({ mic }: any) => mic.id === "mic-1" || mic.id === "mic-2")
    expect(await list("mic_id=mic-1&mic_id=mic-2")).toEqual(byMic)
    expect(byMic.length).toBeGreaterThan(0)
    const byLabel = all.filter(({ label }: any) => label.id === "crying" || label.id === "glass_break")
    expect(await list("label_id=crying&label_id=glass_break")).toEqual(byLabel)
    expect(byLabel.length).toBeGreaterThan(0)
    const [start, end] = [all[49].created_at, all[10].created_at]
    expect(await list(`start=${start}&end=${encodeURIComponent(end.replace("Z", "+00:00"))}`)).toEqual(
      all.slice(10, 50)
    )
    expect(await list("start=2026-01-01")).toEqual([])
    expect(await list("start=2025-01-01T00:00:00&end=2025-01-02T00:00:00")).toEqual([])
  })

  it("are returned by id; an unknown or invalid id is a 404", async () => {
    const { get } = await authorized()
    expect(await (await get(`${EVENTS}/event-7`)).json()).toMatchObject({ id: "event-7" })
    expect((await get(`${EVENTS}/event-101`)).status).toBe(404)
    expect((await get(`${EVENTS}/%zz`)).status).toBe(404)
    expect(await messageOf(await get(`${EVENTS}/a/b`))).toBe("Not Found")
  })

  it("can be given by the test, which defines the microphones too", async () => {
    const sample = await (await (await authorized()).get(`${EVENTS}/event-1`)).json()
    const { get } = await authorized({ events: [{ ...sample, id: "a b", mic: { ...sample.mic, id: "own" } }] })
    expect(await (await get(`${EVENTS}/a%20b`)).json()).toMatchObject({ id: "a b" })
    expect(await (await get("/api/v1/mics")).json()).toMatchObject({ total_cnt: 1, results: [{ id: "own" }] })
    expect(await (await (await authorized({ events: 0 })).get(EVENTS)).json()).toMatchObject({
      total_cnt: 0,
      results: []
    })
  })

  it.each([
    ["size=0", "size"],
    ["size=101", "size"],
    ["page=0", "page"],
    ["page=x", "page"],
    ["start=yesterday", "start"],
    ["end=2025-13-45", "end"],
    ["start=2025-08-01T00:00:00+09:00", "start"]
  ])("respond with 422 to the query %s", async (query, name) => {
    const { get } = await authorized()
    const response = await get(`${EVENTS}?${query}`)
    expect(response.status).toBe(422)
    const { detail } = await response.json()
    expect(detail).toEqual([
      { type: expect.any(String), loc: ["query", name], msg: expect.any(String), input: expect.any(String) }
    ])
  })

  it("respond to HEAD like to GET, without the body", async () => {
    const { fake, token, get } = await authorized()
    const full = await get(EVENTS)
    const head = await send(fake, EVENTS, token, { method: "HEAD", headers: { authorization: `Bearer ${token}` } })
    expect([head.status, head.body]).toEqual([200, null])
    expect(head.headers.get("content-length")).toBe(full.headers.get("content-length"))
    expect(head.headers.get("content-length")).toBe(String((await full.arrayBuffer()).byteLength))
  })
})

describe("microphones", () => {
  it("have the documented fields", async () => {
    const { get } = await authorized()
    const mic = await (await get("/api/v1/mics/mic-1")).json()
    expect(mic).toMatchObject({ id: "mic-1", name: "Lobby", edge_id: "edge-1", host: expect.any(String) })
    expect(["active", "inactive"]).toContain(mic.status)
    expect(Object.values(mic.thresholds).every((value) => Number(value) >= 0 && Number(value) <= 1)).toBe(true)
    expect(Object.keys(mic)).toEqual(expect.arrayContaining(["location", "created_at", "updated_at"]))
  })

  it("are filtered by name and edge", async () => {
    const { get } = await authorized()
    const list = async (query: string) => (await (await get(`/api/v1/mics?${query}`)).json()).results
    expect(await list("")).toHaveLength(5)
    expect((await list("name=park")).map(({ name }: any) => name)).toEqual(["Parking level 1"])
    expect((await list("edge_id=edge-2")).map(({ id }: any) => id)).toEqual(["mic-2", "mic-4"])
    expect(await list("edge_id=edge")).toEqual([])
  })
})

describe("rate limits", () => {
  it("reject the eleventh request in a second, for each endpoint, with the documented message", async () => {
    let now = 1_700_000_000_250
    const { get } = await authorized({ now: () => now, rateLimits: true })
    expect(await refusalsOf(10, () => get(EVENTS))).toBe(0)
    const refused = await get(EVENTS)
    expect(refused.status).toBe(429)
    expect(await refused.json()).toEqual({
      detail: {
        message: "Rate limit exceeded. Please try again in 1 seconds.",
        limit: 10,
        remaining: 0,
        reset: 1_700_000_002
      }
    })
    expect((await get("/api/v1/mics")).status).toBe(200)
    expect((await get(`${EVENTS}/event-1`)).status).toBe(200)
    now += 1_000
    expect((await get(EVENTS)).status).toBe(200)
  })

  it("apply to the reissue endpoint and to rejected requests", async () => {
    const fake = createFakeDeeply({ now: () => 0 })
    expect(await refusalsOf(11, () => send(fake, REISSUE, "wrong"))).toBe(1)
  })

  it("report the end of the minute if that limit is used up", async () => {
    let now = 0
    const { get } = await authorized({ now: () => now, rateLimits: { perMinute: 15 } })
    expect(await refusalsOf(10, () => get(EVENTS))).toBe(0)
    now = 10_000
    expect(await refusalsOf(6, () => get(EVENTS))).toBe(1)
    const { detail } = await (await get(EVENTS)).json()
    expect(detail).toMatchObject({
      message: "Rate limit exceeded. Please try again in 50 seconds.",
      limit: 15,
      reset: 60
    })
    now = 60_000
    expect((await get(EVENTS)).status).toBe(200)
  })

  it("start a new window if the clock is set back", async () => {
    let now = 3_600_000
    const { get } = await authorized({ now: () => now, rateLimits: { perSecond: 1 } })
    await get(EVENTS)
    expect((await get(EVENTS)).status).toBe(429)
    now = 0
    expect((await get(EVENTS)).status).toBe(200)
  })

  it("can be turned off", async () => {
    const { get } = await authorized({ now: () => 0, rateLimits: false })
    expect(await refusalsOf(50, () => get(EVENTS))).toBe(0)
  })
})

describe("script", () => {
  it("applies faults in order, to the matching requests, and the given number of times", async () => {
    const { fake, get } = await authorized()
    fake.script([
      { on: "token-request", status: 500 },
      { on: "/api/v1/mics", status: 501 },
      { on: "general", times: 2, status: 502 },
      { status: 503 }
    ])
    expect(fake.stats.faultsLeft).toBe(5)
    const statuses: number[] = []
    for (const path of [EVENTS, "/api/v1/mics/mic-1", EVENTS, EVENTS, EVENTS]) statuses.push((await get(path)).status)
    expect(statuses).toEqual([502, 501, 502, 503, 200])
    expect((await send(fake, REISSUE, fake.apiKey)).status).toBe(500)
    expect(fake.stats.faultsLeft).toBe(0)
    expect(fake.stats.byStatus).toEqual({ 200: 2, 500: 1, 501: 1, 502: 2, 503: 1 })
  })

  it("can apply to all requests until it is cleared", async () => {
    const { fake, get } = await authorized()
    fake.script([{ times: Infinity, status: 503 }])
    expect([(await get(EVENTS)).status, (await get(EVENTS)).status, fake.stats.faultsLeft]).toEqual([
      503,
      503,
      Infinity
    ])
    fake.clearScript()
    expect([(await get(EVENTS)).status, fake.stats.faultsLeft]).toEqual([200, 0])
  })

  it("can respond with a string, bytes, a stream, JSON or no body", async () => {
    const fake = createFakeDeeply()
    const bytes = new Uint8Array([1, 2, 3])
    const stream = new Response("streamed").body as ReadableStream<Uint8Array>
    const respondWith = async (fault: Fault) => {
      fake.script([fault])
      return send(fake, EVENTS)
    }
    expect(await (await respondWith({ status: 200, body: "text" })).text()).toBe("text")
    expect(new Uint8Array(await (await respondWith({ status: 200, body: bytes })).arrayBuffer())).toEqual(bytes)
    expect(await (await respondWith({ status: 200, body: stream })).text()).toBe("streamed")
    const object = await respondWith({ status: 418, body: { a: [1] }, headers: { "retry-after": "7" } })
    expect([object.status, object.headers.get("content-type"), object.headers.get("retry-after")]).toEqual([
      418,
      "application/json",
      "7"
    ])
    expect(await object.json()).toEqual({ a: [1] })
    expect(await (await respondWith({ status: 200, body: null })).text()).toBe("null")
    expect((await respondWith({ status: 204 })).body).toBeNull()
    const html = await respondWith({ status: 200, body: "<p>", headers: { "content-type": "text/html" } })
    expect(html.headers.get("content-type")).toBe("text/html")
  })

  it("can respond to a POST with 200 and logs the body", async () => {
    const fake = createFakeDeeply()
    fake.script([{ on: "general", status: 200, body: {} }])
    expect((await send(fake, EVENTS, undefined, { method: "POST", body: "grüß" })).status).toBe(200)
    expect(fake.stats.log).toMatchObject([{ method: "POST", status: 200, bodyBytes: 6, bodyText: "grüß" }])
  })

  it("can reset the connection: handle rejects as fetch does", async () => {
    const fake = createFakeDeeply()
    fake.script([{ reset: true }])
    const error = await send(fake, EVENTS).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ name: "TypeError", message: "fetch failed", cause: { code: "ECONNRESET" } })
    expect(fake.stats).toMatchObject({ byStatus: {}, log: [{ status: undefined }] })
  })

  it("can leave a request pending until the client aborts", async () => {
    const fake = createFakeDeeply()
    fake.script([{ hang: true }])
    const stop = new AbortController()
    const pending = send(fake, REISSUE, fake.apiKey, { signal: stop.signal })
    const reason = new Error("enough")
    stop.abort(reason)
    await expect(pending).rejects.toBe(reason)
    expect(fake.stats).toMatchObject({ tokenRequests: 1, issued: 0, byStatus: {} })
  })

  it("can send an endless body until it is cancelled or aborted", async () => {
    const fake = createFakeDeeply()
    fake.script([{ times: 2, endless: true, status: 206, chunk: 10, interval: 0 }])
    const response = await send(fake, EVENTS)
    expect(response.status).toBe(206)
    const reader = response.body?.getReader()
    for (let chunks = 0; chunks < 100; chunks += 1) expect((await reader?.read())?.value?.byteLength).toBe(10)
    await reader?.cancel()
    const stop = new AbortController()
    const { body } = await send(fake, EVENTS, undefined, { signal: stop.signal })
    stop.abort()
    await expect(new Response(body).text()).rejects.toThrow("abort")
  })

  it("can send a body of a given size", async () => {
    const fake = createFakeDeeply()
    fake.script([{ bytes: 200_000, headers: { "content-type": "application/json" } }, { bytes: 0 }])
    const response = await send(fake, EVENTS)
    expect(response.headers.get("content-length")).toBe("200000")
    expect((await response.arrayBuffer()).byteLength).toBe(200_000)
    expect(await (await send(fake, EVENTS)).text()).toBe("")
  })

  it("can redirect", async () => {
    const fake = createFakeDeeply()
    fake.script([{ redirect: "https://elsewhere.example/" }, { redirect: "/x", status: 308 }])
    const seen = [await send(fake, EVENTS), await send(fake, EVENTS)]
    expect(seen.map(({ status, headers }) => [status, headers.get("location")])).toEqual([
      [302, "https://elsewhere.example/"],
      [308, "/x"]
    ])
  })

  it("can drop the Authorization header", async () => {
    const { fake, get } = await authorized()
    fake.script([{ times: 2, dropAuthorization: true }])
    expect((await get(EVENTS)).status).toBe(403)
    expect((await send(fake, REISSUE, fake.apiKey)).status).toBe(403)
    expect(fake.stats.log.map(({ authorization }) => authorization)).toEqual(["api-key", "access-token", "api-key"])
  })

  it("runs the before hook first, and waits for its promise", async () => {
    const { fake, get } = await authorized()
    const gate = Promise.withResolvers<void>()
    fake.script([{ before: () => fake.expireTokens() }, { before: () => gate.promise }])
    expect((await get(EVENTS)).status).toBe(401)
    const pending = send(fake, REISSUE, fake.apiKey)
    expect(fake.stats.issued).toBe(1)
    gate.resolve()
    expect((await pending).status).toBe(200)
  })

  it("delays a request before it is processed", async () => {
    const { fake, get } = await authorized()
    fake.script([{ delay: 10 }])
    const pending = get(EVENTS)
    fake.revokeTokens()
    expect((await pending).status).toBe(401)
  })

  it("does not count faults for the rate limits", async () => {
    const { fake, get } = await authorized({ rateLimits: { perSecond: 1 }, now: () => 0 })
    fake.script([{ times: 3, status: 200 }])
    for (let requests = 0; requests < 4; requests += 1) expect((await get(EVENTS)).status).toBe(200)
    expect((await get(EVENTS)).status).toBe(429)
  })

  it.each<[string, object]>([
    ["a fault of two kinds", { reset: true, hang: true }],
    ["an invalid status", { status: 99 }],
    ["a fractional status", { status: 200.5 }],
    ["a body with 204", { status: 204, body: "x" }],
    ["a body without a status", { body: "x" }],
    ["headers without a status", { headers: {} }],
    ["a redirect with 200", { redirect: "/", status: 200 }],
    ["zero times", { status: 500, times: 0 }],
    ["a fractional number of times", { status: 500, times: 1.5 }],
    ["a negative delay", { delay: -1 }],
    ["a delay longer than any timer", { delay: 2 ** 31 }],
    ["an unknown scope", { on: "issues", status: 500 }],
    ["a hook that is not a function", { before: "expire" }],
    ["a negative number of bytes", { bytes: -1 }],
    ["an invalid header", { status: 200, headers: { "a b": "c" } }],
    ["a status that has no effect", { reset: true, status: 200 }],
    ["a size that has no effect", { hang: true, chunk: 10 }],
    ["a stream twice", { status: 200, times: 2, body: new ReadableStream() }]
  ])("rejects %s, and adds none of the faults", (_, fault) => {
    const fake = createFakeDeeply()
    expect(() => fake.script([{ status: 500 }, fault as Fault])).toThrow(Error)
    expect(fake.stats.faultsLeft).toBe(0)
  })

  it("rejects a fault that is not in a list", () => {
    const fake = createFakeDeeply()
    expect(() => fake.script({ reset: true } as never)).toThrow("Pass a list of faults")
  })

  it("accepts one kind per fault in its type", () => {
    // @ts-expect-error two kinds
    const two: Fault = { reset: true, hang: true }
    // @ts-expect-error a body needs a status
    const bodyAlone: Fault = { body: "x" }
    const none: Fault = { on: "token-request", delay: 5 }
    expect([two, bodyAlone, none]).toHaveLength(3)
  })
})

describe("latency", () => {
  it("starts after the request was processed: an aborted token request has issued its token", async () => {
    const fake = createFakeDeeply({ tokenRequestLatency: 60_000 })
    const stop = new AbortController()
    const pending = send(fake, REISSUE, fake.apiKey, { signal: stop.signal })
    await expect.poll(() => fake.stats.issued).toBe(1)
    stop.abort()
    await expect(pending).rejects.toMatchObject({ name: "AbortError" })
    expect(fake.stats).toMatchObject({ tokenRequests: 1, issued: 1, byStatus: {} })
  })

  it("of general endpoints is separate from that of token requests", async () => {
    const fake = createFakeDeeply({ latency: 30 })
    const token = await requestToken(fake)
    const started = performance.now()
    await send(fake, EVENTS, token)
    expect(performance.now() - started).toBeGreaterThanOrEqual(28)
  })

  it("makes concurrent token requests visible in the stats", async () => {
    const fake = createFakeDeeply({ tokenRequestLatency: 5 })
    await Promise.all([requestToken(fake), requestToken(fake), requestToken(fake)])
    await requestToken(fake)
    expect(fake.stats).toMatchObject({ tokenRequests: 4, issued: 4, maxConcurrentTokenRequests: 3 })
  })

  it("does not count a request that is already aborted", async () => {
    const fake = createFakeDeeply()
    await expect(send(fake, EVENTS, undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError"
    })
    expect(fake.stats.requests).toBe(0)
  })
})

describe("stats", () => {
  it("count a replay if a request is repeated after a 401", async () => {
    const { fake, token } = await authorized()
    fake.expireTokens()
    await send(fake, `${EVENTS}?page=2`, token)
    await send(fake, EVENTS, await requestToken(fake))
    expect(fake.stats).toMatchObject({ unauthorized: 1, replays: 0 })
    await send(fake, `${EVENTS}?page=2`, await requestToken(fake))
    await send(fake, `${EVENTS}?page=2`, await requestToken(fake))
    expect(fake.stats).toMatchObject({ requests: 4, unauthorized: 1, replays: 1 })
  })

  it("do not change after they were read", async () => {
    const { fake, get } = await authorized()
    const before = fake.stats
    await get(EVENTS)
    expect([before.requests, fake.stats.requests, before.log.length]).toEqual([0, 1, 1])
  })

  it("log the last 1,000 requests and the first 64 KiB of a body", async () => {
    const { fake, get } = await authorized({ events: 0 })
    for (let page = 1; page <= 1_001; page += 1) await get(`${EVENTS}?page=${page}`)
    expect(fake.stats.log).toHaveLength(1_000)
    expect([fake.stats.log[0]?.path, fake.stats.log[999]?.path]).toEqual([`${EVENTS}?page=2`, `${EVENTS}?page=1001`])
    await send(fake, EVENTS, undefined, { method: "POST", body: "é".repeat(100_000) })
    expect(fake.stats.log.at(-1)).toMatchObject({ bodyBytes: 200_000 })
    expect(fake.stats.log.at(-1)?.bodyText.length).toBeLessThanOrEqual(64 * 1024)
  })

  it.each([false, true])("contain no secret, wherever a request had one (jwt: %s)", async (jwt) => {
    const { fake, token } = await authorized({ jwt })
    const carried = `${token} ${fake.apiKey}`
    const across = `${"-".repeat(64 * 1024 - 10)}${fake.apiKey}`
    await send(fake, `${EVENTS}?token=${token}&key=${fake.apiKey}`, undefined, { method: "POST", body: carried })
    await send(fake, EVENTS, undefined, { method: "POST", body: across })
    const text = JSON.stringify(fake.stats)
    expect(text).not.toContain(token)
    expect(text).not.toContain(fake.apiKey.slice(0, 10))
    expect(fake.stats.log[1]).toMatchObject({
      path: `${EVENTS}?token=[access-token]&key=[api-key]`,
      bodyText: "[access-token] [api-key]"
    })
  })
})

describe("the fake server", () => {
  it("has a random API key", () => {
    const keys = Array.from({ length: 20 }, () => createFakeDeeply().apiKey)
    expect(new Set(keys).size).toBe(20)
    for (const key of keys) expect(key).toMatch(/^dk_[0-9a-f]{48}$/)
    expect(createFakeDeeply({ apiKey: "own-key" }).apiKey).toBe("own-key")
  })

  it("does not print secrets", async () => {
    const { fake, token } = await authorized()
    const printed = [inspect(fake, { showHidden: true, depth: 9, getters: true }), JSON.stringify(fake)]
    for (const text of [...printed, inspect({ ...fake })]) {
      expect(text).not.toContain(fake.apiKey)
      expect(text).not.toContain(token)
    }
  })

  it("handles requests when `handle` is detached", async () => {
    const { handle } = createFakeDeeply()
    expect((await handle(new Request("http://anywhere/api/v1/mics"))).status).toBe(403)
  })

  it.each<[string, object, new () => Error]>([
    ["tokenLifetime", { tokenLifetime: 0 }, RangeError],
    ["tokenLifetime", { tokenLifetime: Number.NaN }, RangeError],
    ["tokenLifetime", { tokenLifetime: "15m" }, TypeError],
    ["latency", { latency: -1 }, RangeError],
    ["tokenRequestLatency", { tokenRequestLatency: Infinity }, RangeError],
    ["events", { events: 1.5 }, RangeError],
    ["events", { events: -1 }, RangeError],
    ["seed", { seed: 0.5 }, RangeError],
    ["rateLimits.perSecond", { rateLimits: { perSecond: 0 } }, RangeError],
    ["rateLimits.perMinute", { rateLimits: { perMinute: 2.5 } }, RangeError],
    ["rateLimits", { rateLimits: 10 }, TypeError],
    ["now", { now: 5 }, TypeError],
    ["jwt", { jwt: "yes" }, TypeError],
    ["voidPrevious", { voidPrevious: 1 }, TypeError],
    ["apiKey", { apiKey: "" }, TypeError],
    ["apiKey", { apiKey: "two words" }, TypeError],
    ["tokenLifetime", { lifetime: 1 }, TypeError],
    ["latency", { latencyMs: 1 }, TypeError],
    ["port", { port: 1 }, TypeError],
    ["perSecond", { rateLimits: { perSeconds: 1 } }, TypeError]
  ])("rejects a wrong value of %s: %o", (name, options, type) => {
    const create = () => createFakeDeeply(options)
    expect(create).toThrow(type)
    expect(create).toThrow(new RegExp(`\`${name}\`.*pass`, "s"))
  })
})
