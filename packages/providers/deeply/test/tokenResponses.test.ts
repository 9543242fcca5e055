import { Deeply, type DeeplyOptions } from "@tokenkeep/deeply"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import type { Fault } from "@tokenkeep/deeply/testing"
import * as Effect from "effect/Effect"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { clientOf, fakeServer, rejection, throughLayer } from "./support/clients.ts"

const events = "/api/v1/events?size=1"
const html = "<html><body>Sign in to the CANARY network</body></html>"
const token = (value: unknown) => ({ status: 200, body: { access_token: value, note: "CANARY" } })

type Case = readonly [name: string, fault: Fault, code: string, calls: number, options?: DeeplyOptions]

const brief = { tokenRequest: { deadline: 150 } }

const cases: ReadonlyArray<Case> = [
  [
    "the HTML of a login portal",
    { status: 200, body: html, headers: { "content-type": "text/html" } },
    "TOKEN_RESPONSE_INVALID",
    1
  ],
  ["an empty body", { status: 200, body: "" }, "TOKEN_RESPONSE_INVALID", 1],
  ["no body", { status: 200 }, "TOKEN_RESPONSE_INVALID", 1],
  ["null", { status: 200, body: "null" }, "TOKEN_RESPONSE_INVALID", 1],
  ["an array", { status: 200, body: [] }, "TOKEN_RESPONSE_INVALID", 1],
  ["a string", { status: 200, body: '"CANARY"' }, "TOKEN_RESPONSE_INVALID", 1],
  ["broken JSON", { status: 200, body: '{"access_token":"CANARY' }, "TOKEN_RESPONSE_INVALID", 1],
  ["an object without a token", { status: 200, body: { token: "CANARY" } }, "TOKEN_RESPONSE_INVALID", 1],
  ["a number as token", token(5), "TOKEN_RESPONSE_INVALID", 1],
  ["null as token", token(null), "TOKEN_RESPONSE_INVALID", 1],
  ["an empty token", token(""), "TOKEN_RESPONSE_INVALID", 1],
  ["a blank token", token("   "), "TOKEN_RESPONSE_INVALID", 1],
  ["a token with a line break", token("CANARY\r\nx-injected: 1"), "TOKEN_RESPONSE_INVALID", 1],
  ["a token with a line break at its end", token("CANARY\n"), "TOKEN_RESPONSE_INVALID", 1],
  ["a token with a space", token("Bearer CANARY"), "TOKEN_RESPONSE_INVALID", 1],
  ["a token with NUL", token("CANARY\0"), "TOKEN_RESPONSE_INVALID", 1],
  ["a token outside ASCII", token("CANARÝ"), "TOKEN_RESPONSE_INVALID", 1],
  ["a token over 8 KiB", token("CANARY".repeat(1_400)), "TOKEN_RESPONSE_INVALID", 1],
  ["a body of 2 MiB", { bytes: 2 * 1024 * 1024 }, "TOKEN_RESPONSE_INVALID", 1],
  ["a fast body that never ends", { endless: true, chunk: 16_384, interval: 1 }, "TOKEN_RESPONSE_INVALID", 1],
  ["a slow body that never ends", { endless: true, chunk: 1, interval: 10 }, "ISSUER_UNAVAILABLE", 1, brief],
  ["no response", { hang: true }, "ISSUER_UNAVAILABLE", 1, brief],
  ["a redirect", { redirect: "http://192.0.2.1/CANARY" }, "REDIRECT_REFUSED", 1],
  ["204", { status: 204 }, "TOKEN_RESPONSE_INVALID", 1],
  ["404", { status: 404, body: { detail: "CANARY" } }, "TOKEN_RESPONSE_INVALID", 1],
  ["500, three times", { times: 3, status: 500, body: html }, "ISSUER_UNAVAILABLE", 3],
  [
    "503, with a single try allowed",
    { times: 3, status: 503, body: html },
    "ISSUER_UNAVAILABLE",
    1,
    { tokenRequest: { tries: 1 } }
  ],
  ["a reset, three times", { times: 3, reset: true }, "ISSUER_UNAVAILABLE", 3],
  ["401", { status: 401, body: { detail: { message: "CANARY" } } }, "API_KEY_REJECTED", 1],
  ["401 without a body", { status: 401 }, "API_KEY_REJECTED", 1],
  ["401 with a fast body that never ends", { status: 401, endless: true, chunk: 16_384 }, "API_KEY_REJECTED", 1],
  ["403 with JSON", { status: 403, body: { detail: { message: "CANARY" } } }, "API_KEY_REJECTED", 1],
  ["403 with HTML", { status: 403, body: html }, "API_KEY_REJECTED", 1],
  ["a dropped Authorization header", { dropAuthorization: true }, "API_KEY_REJECTED", 1],
  [
    "429 with a late reset",
    { status: 429, body: { detail: { message: "CANARY", reset: Math.ceil(Date.now() / 1_000) + 600 } } },
    "RATE_LIMITED",
    1
  ]
]

const complete = cases.map(([name, fault, code, calls, options = {}]) => [name, fault, code, calls, options] as const)

const retryable = new Set(["ISSUER_UNAVAILABLE", "RATE_LIMITED"])

describe("TOK-10: responses to a token request", () => {
  it.each(complete)(
    "TOK-10: %s leads to the right error, the right number of token requests, and no part of the body in a message",
    async (_, fault, code, calls, options) => {
      const server = await fakeServer()
      server.script([{ ...fault, on: "token-request" }])
      const deeply = clientOf(server, options)
      const error = await rejection(deeply.fetch(events))
      expect(error).toMatchObject({ name: "TokenkeepError", code, retryable: retryable.has(code) })
      expect(server.stats).toMatchObject({ tokenRequests: calls, requests: 0 })
      const { message, fix, docs } = error as Error & { fix: string; docs: string }
      expect(message.endsWith(` ${fix}`)).toBe(true)
      expect(message.length).toBeGreaterThan(fix.length + 10)
      expect(docs).toMatch(new RegExp(`/docs/errors\\.md#${code}$`))
      const printed = inspect(error, { depth: Infinity, showHidden: true }) + inspect(error, { customInspect: false })
      expect(printed + JSON.stringify(error)).not.toMatch(/CANARY|injected/)
      assertNoSecrets(printed, [server.apiKey])
      expect(deeply.status()).toMatchObject({ lastError: { code, message } })
      server.clearScript()
    }
  )

  it.each(complete)(
    "TOK-10: %s leads to the same error with the Effect API",
    async (_, fault, code, calls, options) => {
      const server = await fakeServer()
      server.script([{ ...fault, on: "token-request" }])
      const program = (deeply: Deeply["Service"]) => Effect.flip(deeply.request(events))
      const error = await throughLayer({ apiKey: server.apiKey, host: server.host, ...options }, program)
      expect(error).toMatchObject({ code, reason: { _tag: expect.any(String) } })
      expect(server.stats).toMatchObject({ tokenRequests: calls, requests: 0 })
    }
  )

  it.each<[string, Fault, number]>([
    ["one 500", { status: 500, body: html }, 2],
    ["two 503s", { times: 2, status: 503 }, 3],
    ["one reset", { reset: true }, 2]
  ])("TOK-10: %s is retried, and the caller gets a response", async (_, fault, calls) => {
    const server = await fakeServer()
    server.script([{ ...fault, on: "token-request" }])
    expect((await clientOf(server).fetch(events)).status).toBe(200)
    expect(server.stats).toMatchObject({ tokenRequests: calls, issued: 1, requests: 1 })
  })

  it("TOK-10: a body larger than maxBody is rejected", async () => {
    const server = await fakeServer()
    const padded = (size: number) => `{"access_token":"tok-1"${" ".repeat(size - 24)}}`
    server.script([
      { on: "token-request", status: 200, body: padded(101) },
      { on: "token-request", status: 200, body: padded(100) }
    ])
    const deeply = clientOf(server, { tokenRequest: { maxBody: 100 } })
    expect(await rejection(deeply.token())).toMatchObject({ code: "TOKEN_RESPONSE_INVALID" })
    expect((await deeply.token()).reveal()).toBe("tok-1")
  })

  it("TOK-10: the retryAt of a 429 is read from its reset or its Retry-After", async () => {
    const server = await fakeServer()
    const reset = Math.ceil(Date.now() / 1_000) + 600
    const detail = { message: "Rate limit exceeded.", limit: 1_000, remaining: 0, reset }
    server.script([
      { on: "token-request", status: 429, body: { detail } },
      { on: "token-request", status: 429, body: "busy", headers: { "retry-after": "120" } }
    ])
    const error = await rejection(clientOf(server).token())
    expect(error).toMatchObject({
      retryAt: reset * 1_000,
      reason: { limit: 1_000, remaining: 0, retryAt: reset * 1_000 }
    })
    const later = await rejection(clientOf(server).token())
    expect((later as { retryAt: number }).retryAt - Date.now()).toBeGreaterThan(115_000)
    expect((later as { retryAt: number }).retryAt - Date.now()).toBeLessThanOrEqual(120_000)
  })

  it("KEY-1: an issuer that returns the API key as the token does not get it sent to any endpoint", async () => {
    const server = await fakeServer()
    server.script([{ on: "token-request", ...token(server.apiKey) }])
    expect(await rejection(clientOf(server).fetch(events))).toMatchObject({ code: "TOKEN_RESPONSE_INVALID" })
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 0 })
  })

  it("TOK-10: a token request is sent without cache, cookies and redirects", async () => {
    const server = await fakeServer()
    const sent: Array<RequestInit> = []
    const deeply = clientOf(server, {
      transport: (await import("@tokenkeep/transport-fetch")).FetchTransport.layer({
        fetch: (input, init) => {
          sent.push(init ?? {})
          return fetch(input, init)
        }
      })
    })
    await deeply.token()
    expect(sent).toMatchObject([{ method: "GET", redirect: "manual", cache: "no-store", credentials: "omit" }])
  })
})
