import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { runInNewContext } from "node:vm"
import { isTokenkeepError } from "../../src/index.ts"
import { containsPart } from "../../src/credentials/containsPart.ts"
import { causeSummary } from "../../src/errors/causeSummary.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { status, tokenResponse } from "../support/scriptedTransport.ts"
import { anything, testApi } from "../support/testApi.ts"
import { testClient } from "../support/testClient.ts"
import { apiKey, testManager } from "../support/testManager.ts"

const tokens = ["dt_9f2c61d04b7e83a5c0ffee", "dt_71b3aa905dd24c6e8badf0"] as const
const secrets = [apiKey, ...tokens]
const tokenScript = (_: unknown, index: number) => tokenResponse(tokens[index] ?? "dt_0")

const printed = (value: unknown) => inspect(value, { depth: 12, showHidden: true }) + JSON.stringify(value)

describe("SEC-1: a text from outside that repeats a part of a secret", () => {
  it("is recognised in any case, and with other characters between", () => {
    const secret = "dt_9f2c-61d04b7e"
    for (const text of [secret, "<9F2C61D0>", "9f2.c61.d04", "Token DT_9F2C…", "x9f2c-61d0x"]) {
      assert.strictEqual(containsPart(text, secret), text !== "Token DT_9F2C…", text)
    }
    for (const text of ["", "9f2c61d", "04b7e", "an ordinary sentence about tokens"]) {
      assert.isFalse(containsPart(text, secret), text)
    }
    assert.isTrue(containsPart("the token tok-1 expired", "tok-1"))
    assert.isFalse(containsPart("the token tok-2 expired", "tok-1"))
  })

  it("is recognised in base64, base64url, hexadecimal and percent-encoded, wherever it begins", () => {
    const [secret] = tokens
    const hex = Buffer.from(secret).toString("hex")
    for (const text of [
      ...["", "a", "ab", "abc"].map((before) => Buffer.from(before + secret).toString("base64")),
      Buffer.from(`a:${secret}`).toString("base64url"),
      hex,
      hex.toUpperCase(),
      hex.replaceAll(/../g, "%$&"),
      secret.replaceAll("9", "%39").replaceAll("c", "%63")
    ]) {
      assert.isTrue(containsPart(`x/${text}/y`, secret), text)
    }
  })

  it.effect("is not shown as the path of a redirect, encoded", () =>
    Effect.gen(function* () {
      for (const encoding of ["base64url", "hex"] as const) {
        const path = `/echo/${Buffer.from(tokens[0]).toString(encoding)}`
        const { client } = yield* testClient({
          tokenScript,
          apiScript: ({ url }) =>
            status(302, { headers: { location: url.endsWith("/x") ? path : "http://other.test/" } })
        })
        const error = yield* Effect.flip(client.request("/x"))
        assert.deepStrictEqual(error.reason, { _tag: "RedirectRefused", from: "unknown", to: "unknown" })
        assertNoSecrets(printed(error), secrets)
      }
    })
  )

  for (const [what, part] of [
    ["the token", tokens[0]],
    ["the first half of the token", tokens[0].slice(0, 12)],
    ["the token in upper case", tokens[0].toUpperCase()],
    ["the last part of the key in upper case", apiKey.slice(-10).toUpperCase()]
  ] as const) {
    it.effect(`is not quoted from an error response: ${what}`, () =>
      Effect.gen(function* () {
        const { get } = yield* testApi({
          tokenScript,
          apiScript: () => new Response(`No access for ${part}.`, { status: 418 }),
          messageOf: (text) => text
        })
        const error = yield* Effect.flip(get(anything))
        assert.strictEqual(error.code, "API_ERROR")
        assertNoSecrets(printed(error), secrets)
      })
    )
  }

  it.effect("is not shown as the host of a redirect, nor of one of the token request", () =>
    Effect.gen(function* () {
      const location = (secret: string) => ({
        headers: { location: `https://x.${secret.replace(/\W|_/g, "-")}.evil.test/` }
      })
      const { client } = yield* testClient({
        tokenScript,
        redirects: "refuse",
        apiScript: () => status(302, location(tokens[0]))
      })
      const error = yield* Effect.flip(client.request("/x"))
      assert.deepStrictEqual(error.reason, { _tag: "RedirectRefused", from: "unknown", to: "unknown" })
      assertNoSecrets(printed(error), secrets)
      const { manager } = yield* testManager({ script: () => status(302, location(apiKey)) })
      const refused = yield* Effect.flip(manager.get)
      assert.deepInclude(refused.reason, { _tag: "RedirectRefused", to: "unknown" })
      assertNoSecrets(printed(refused), secrets)
    })
  )

  it.effect("is not shown as the path that a redirect on the same origin leads to", () =>
    Effect.gen(function* () {
      const { client } = yield* testClient({
        tokenScript,
        apiScript: ({ url }) =>
          url.endsWith("/x") ? status(302, { headers: { location: `/echo/${tokens[0]}` } }) : status(401)
      })
      const error = yield* Effect.flip(client.request("/x"))
      assert.strictEqual(error.code, "TOKEN_EXPIRED")
      assertNoSecrets(printed(error), secrets)
    })
  )

  it.effect("is not shown as a provider's detail of an invalid response", () =>
    Effect.gen(function* () {
      const readTokenResponse = () =>
        ({ _tag: "Invalid", detail: `it says ${apiKey.toUpperCase()}\n\u001b[31m` }) as const
      const { manager } = yield* testManager({ provider: { readTokenResponse } })
      const error = yield* Effect.flip(manager.get)
      assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
      assertNoSecrets(printed(error), secrets)
    })
  )

  it("is not shown as the name or the code of an error", () => {
    const error = Object.assign(new Error("x"), { name: "dt_9f2c61d04b7e", code: "9F2C61D04B7E" })
    assert.deepStrictEqual(causeSummary(error), { name: "Error" })
    const known = Object.assign(new TypeError("x"), { code: "ERR_HTTP2_STREAM_ERROR" })
    assert.deepStrictEqual(causeSummary(known), { name: "TypeError", code: "ERR_HTTP2_STREAM_ERROR" })
  })
})

describe("SEC-1: an error of another realm", () => {
  const foreign = (name: string) =>
    runInNewContext(`Object.assign(new TypeError("x"), { name: ${JSON.stringify(name)}, code: "ECONNRESET" })`)

  it("is shown by its name if that is an identifier", () => {
    assert.deepStrictEqual(causeSummary(foreign("TypeError")), { name: "TypeError", code: "ECONNRESET" })
    assert.deepStrictEqual(causeSummary(foreign("dt_9f2c61d04b7e")), { name: "object", code: "ECONNRESET" })
  })

  it("is not taken for one if it has no name", () => {
    const names = [{}, { name: 1 }, { name: "a sentence" }, "TypeError", null].map((value) => causeSummary(value).name)
    assert.deepStrictEqual(names, ["object", "object", "object", "string", "object"])
  })
})

describe("SEC-1: a span", () => {
  /** Runs a client whose spans are recorded, as an exporter would see them. */
  const recorded = Effect.fnUntraced(function* (apiScript: () => Response) {
    const exits: Array<Exit.Exit<unknown, unknown>> = []
    const names: Array<string> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = Tracer.nativeTracer.span(options)
        const end = span.end.bind(span)
        span.end = (time, exit) => {
          names.push(span.name)
          exits.push(exit)
          end(time, exit)
        }
        return span
      }
    })
    let sends = 0
    const outcome = yield* Effect.gen(function* () {
      const { client } = yield* testClient({
        tokenScript,
        apiScript: () => ((sends += 1) === 1 ? status(401) : apiScript())
      })
      return yield* Effect.promise(() => client.fetch("/x").catch((error: unknown) => error))
    }).pipe(Effect.withTracer(tracer))
    return { exits, names, outcome }
  })

  it.effect("does not end with a token, nor with a response that repeats one", () =>
    Effect.gen(function* () {
      const { exits, names } = yield* recorded(() => new Response("ok", { headers: { "x-echo": tokens[1] } }))
      assert.includeMembers(names, ["tokenkeep.renew", "tokenkeep.token_request", "tokenkeep.replay"])
      assertNoSecrets(printed(exits), secrets)
    })
  )

  it.effect("does not end with the transport's own error, which the caller still gets", () =>
    Effect.gen(function* () {
      const own = new TypeError(`Cannot send ${tokens[1]}`)
      const { exits, names, outcome } = yield* recorded(() => {
        throw own
      })
      assert.strictEqual(outcome, own)
      assert.strictEqual(names.at(-1), "tokenkeep.replay")
      assert.isTrue(Exit.isFailure(exits.at(-1)!))
      assertNoSecrets(printed(exits), secrets)
    })
  )

  it.effect("ends with the error of Tokenkeep", () =>
    Effect.gen(function* () {
      const { exits, outcome } = yield* recorded(() => status(302, { headers: { location: "http://evil.test/" } }))
      assert.isTrue(isTokenkeepError(outcome))
      assert.include(printed(exits.at(-1)), "REDIRECT_REFUSED")
    })
  )
})
