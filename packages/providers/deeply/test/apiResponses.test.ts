import { AuthorizedClient } from "@tokenkeep/core"
import { createDeeply, Deeply } from "@tokenkeep/deeply"
import type { Fault } from "@tokenkeep/deeply/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, throughLayer } from "./support/clients.ts"
import { rawApi } from "./support/servers.ts"

const events = "/api/v1/events?size=1"
const message = (text: string) => ({ detail: { message: text } })
const expiredText = "Authentication token expired. Please reissue a new token to renew your session."
const reset = Math.ceil(Date.now() / 1_000) + 60
const limit = { detail: { message: "Rate limit exceeded.", limit: 1_000, remaining: 0, reset } }

/** The fake server's own response to a request without a token. */
const droppedText = JSON.stringify(message("The request carries no authentication token."))

type Case = readonly [name: string, fault: Fault, code: string]

const cases: ReadonlyArray<Case> = [
  ["401 with the documented expiry, twice", { times: 2, status: 401, body: message(expiredText) }, "TOKEN_EXPIRED"],
  ["401 with another message, twice", { times: 2, status: 401, body: message("Invalid key.") }, "TOKEN_INVALID"],
  ["401 with HTML, twice", { times: 2, status: 401, body: "<html>expired</html>" }, "TOKEN_INVALID"],
  ["401 without a body, twice", { times: 2, status: 401 }, "TOKEN_INVALID"],
  ["403 with the documented body", { status: 403, body: message("The request carries no token.") }, "TOKEN_MISSING"],
  ["403 with an unknown message", { status: 403, body: message("¿?") }, "TOKEN_MISSING"],
  ["a dropped Authorization", { dropAuthorization: true }, "TOKEN_MISSING"],
  ["403 with HTML", { status: 403, body: "<html>Blocked</html>" }, "FORBIDDEN"],
  ["403 with other JSON", { status: 403, body: { error: "no" } }, "FORBIDDEN"],
  ["403 without a body", { status: 403 }, "FORBIDDEN"],
  ["429 with the documented body", { status: 429, body: limit }, "RATE_LIMITED"],
  ["429 without a body", { status: 429, headers: { "retry-after": "60" } }, "RATE_LIMITED"]
]

describe("explain() of the promise API", () => {
  it.each(cases)(
    "REQ-6: %s is returned as a response; explain() returns its error, and the body stays readable",
    async (_, fault, code) => {
      const server = await fakeServer()
      const deeply = clientOf(server)
      server.script([{ ...fault, on: "general" }])
      const response = await deeply.fetch(events)
      const error = await deeply.explain(response)
      expect(error).toMatchObject({ name: "TokenkeepError", code, docs: expect.stringContaining(`#${code}`) })
      expect(response.bodyUsed).toBe(false)
      const { body = "" } = fault
      expect([typeof body === "string" ? body : JSON.stringify(body), droppedText]).toContain(await response.text())
      expect(server.stats.faultsLeft).toBe(0)
    }
  )

  it.each([200, 204, 400, 404, 500])("REQ-6: explain() returns undefined for a %i", async (status) => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    server.script([{ on: "general", status, body: status === 204 ? undefined : "text" } as Fault])
    expect(await deeply.explain(await deeply.fetch(events))).toBeUndefined()
  })

  it.each([{ headers: { authorization: "Basic b3du" } }, undefined])(
    "REQ-6: explain() says that Tokenkeep's token was not sent (%j)",
    async (init) => {
      const server = await fakeServer()
      const deeply = clientOf(server)
      const response = await deeply.fetchWith({ auth: init !== undefined })(events, init)
      const error = await deeply.explain(response)
      expect(error).toMatchObject({ message: expect.stringContaining("sent without Tokenkeep's token") })
      expect(error?.message).not.toContain("renewal")
    }
  )

  it("REQ-6: explain() returns the retryAt, limit and endpoint of a 429", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    server.script([{ on: "general", status: 429, body: limit }])
    const error = await deeply.explain(await deeply.fetch(events))
    expect(error).toMatchObject({ retryable: true, retryAt: reset * 1_000 })
    expect(error?.reason).toMatchObject({
      endpoint: "/api/v1/events",
      limit: 1_000,
      remaining: 0,
      retryAt: reset * 1_000
    })
  })

  it("REQ-6: explain() returns in bounded time if the body never ends, or was read already", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    server.script([{ on: "general", times: 2, status: 401, endless: true, interval: 20 }])
    const endless = await deeply.fetch(events)
    expect(await deeply.explain(endless)).toMatchObject({ code: "TOKEN_INVALID" })
    await endless.body?.cancel()
    server.script([{ on: "general", status: 403, body: message("No.") }])
    const read = await deeply.fetch(events)
    await read.text()
    expect(await deeply.explain(read)).toMatchObject({ code: "FORBIDDEN" })
  })
})

describe("request() of the Effect API", () => {
  const requesting = (deeply: Deeply["Service"]) => Effect.flip(deeply.request(events))

  it.each(cases)("REQ-1: %s is a typed failure", async (_, fault, code) => {
    const server = await fakeServer()
    server.script([{ ...fault, on: "general" }])
    const error = await throughLayer({ apiKey: server.apiKey, host: server.host }, requesting)
    expect(error).toMatchObject({ name: "TokenkeepError", code })
    expect(inspect(error, { depth: Infinity })).not.toMatch(/html|Blocked|¿/)
    expect(server.stats).toMatchObject({
      faultsLeft: 0,
      tokenRequests: code.startsWith("TOKEN_") && code !== "TOKEN_MISSING" ? 2 : 1
    })
  })

  it("REQ-1: a 401 whose body never ends fails in bounded time, and its connection is closed", async () => {
    const server = await rawApi((_, response) => void response.writeHead(401).write("x"))
    const error = await throughLayer({ apiKey: server.apiKey, host: server.url }, requesting)
    expect(error).toMatchObject({ code: "TOKEN_INVALID" })
    await eventually(() => server.general().map(({ closed }) => closed)).toEqual([true, true])
  })

  it.each([200, 201, 204, 301, 400, 402, 404, 409, 418, 500, 503])("REQ-6: a %i is a success", async (status) => {
    const server = await fakeServer()
    server.script([{ on: "general", status }])
    const options = { apiKey: server.apiKey, host: server.host }
    expect((await throughLayer(options, (deeply) => deeply.request(events))).status).toBe(status)
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 1 })
  })

  it("SEC-1: an error of the transport is TRANSPORT_FAILED, and its cause has no query and no body", async () => {
    const server = await fakeServer()
    server.script([{ on: "general", reset: true }])
    const error = await throughLayer({ apiKey: server.apiKey, host: server.host }, (deeply) =>
      Effect.flip(deeply.request("/api/v1/events?secret=CANARY", { method: "PUT", body: "CANARY" }))
    )
    expect(error).toMatchObject({ code: "TRANSPORT_FAILED", retryable: true })
    expect(error.cause).toMatchObject({ name: "TypeError", method: "PUT", url: `${server.url}/api/v1/events` })
    expect(inspect(error, { depth: Infinity, showHidden: true, customInspect: false })).not.toContain("CANARY")
  })

  it("REQ-6: an invalid request is TRANSPORT_FAILED, not a defect", async () => {
    const server = await fakeServer()
    const options = { apiKey: server.apiKey, host: server.host }
    for (const init of [{ method: "A B" }, { headers: { "x-own": "1\n2" } }, { body: "x" }]) {
      const error = await throughLayer(options, (deeply) => Effect.flip(deeply.request(events, init)))
      expect(error).toMatchObject({ code: "TRANSPORT_FAILED", cause: { name: "TypeError" } })
    }
    expect(server.stats.requests).toBe(0)
  })

  it("TOK-7: an interruption aborts the request at the server", async () => {
    const server = await rawApi(() => undefined)
    const program = Effect.gen(function* () {
      const { request } = yield* AuthorizedClient
      const fiber = yield* Effect.forkChild(request("/hang"))
      yield* Effect.promise(() => eventually(() => server.general().length).toBe(1))
      yield* Fiber.interrupt(fiber)
    })
    const layer = Deeply.layerDefault({ apiKey: server.apiKey, host: server.url })
    await Effect.runPromise(Effect.provide(program, layer))
    expect(server.general()).toHaveLength(1)
    await eventually(() => server.general()[0]?.aborted).toBe(true)
  })

  it("TOK-7: an interruption, as by a timeout, aborts the request at the server", async () => {
    const server = await rawApi(() => undefined)
    const program = (deeply: Deeply["Service"]) =>
      Effect.raceFirst(
        Effect.as(deeply.request("/hang"), "response"),
        Effect.as(
          Effect.promise(() => eventually(() => server.general().length).toBe(1)),
          "interrupted"
        )
      )
    expect(await throughLayer({ apiKey: server.apiKey, host: server.url }, program)).toBe("interrupted")
    await eventually(() => server.general()[0]?.aborted).toBe(true)
  })

  it("REQ-6: fetch of the service behaves like fetch of the promise API", async () => {
    const server = await fakeServer()
    server.script([{ on: "general", status: 403, body: "<html>" }])
    const options = { apiKey: server.apiKey, host: server.host }
    const program = (deeply: Deeply["Service"]) => Effect.promise(() => deeply.fetch(events))
    expect((await throughLayer(options, program)).status).toBe(403)
    await using deeply = createDeeply(options)
    expect((await deeply.fetch(events)).status).toBe(200)
  })
})
