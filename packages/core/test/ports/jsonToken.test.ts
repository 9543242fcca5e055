import { inspect } from "node:util"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import {
  ApiKey,
  isTokenkeepError,
  jsonToken,
  type JsonTokenOptions,
  type TokenFetch,
  type TokenkeepError,
  type TokenVerdict
} from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { printed } from "../support/printed.ts"
import { apiKey } from "../support/testManager.ts"

const key = ApiKey.make(apiKey)

/** The request that is sent, as the platform's fetch reads it. */
const requestOf = async (options: JsonTokenOptions): Promise<Request> => {
  const sent: Array<Request> = []
  const fetch: TokenFetch = async (path, init) => {
    sent.push(new Request(new URL(path, "https://api.example.test"), init))
    return new Response()
  }
  await jsonToken(options)(key, { fetch })
  return sent[0] ?? assert.fail("Nothing was sent.")
}

/** The verdict on a response: a string is its body as it is, anything else is its JSON. */
const verdictOn = async (
  body: unknown,
  options: Partial<JsonTokenOptions> = {},
  status = 200
): Promise<TokenVerdict> => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return jsonToken({ path: "/token", ...options })(key, { fetch: async () => new Response(text, { status }) })
}

const errorOf = async (run: () => unknown): Promise<TokenkeepError> => {
  try {
    await run()
  } catch (error) {
    if (isTokenkeepError(error)) return error
    throw error
  }
  return assert.fail("There was no error.")
}

describe("KEY-1: the token request", () => {
  it("is a POST with the key as a bearer token by default", async () => {
    const { headers, method, body, url } = await requestOf({ path: "/v1/token" })
    assert.deepStrictEqual([method, url, body], ["POST", "https://api.example.test/v1/token", null])
    assert.deepStrictEqual(Object.fromEntries(headers), {
      accept: "application/json",
      authorization: `Bearer ${apiKey}`
    })
  })

  it("contains the key in the named header", async () => {
    const { headers, method } = await requestOf({ path: "/token", method: "GET", header: "X-Api-Key" })
    assert.strictEqual(method, "GET")
    assert.deepStrictEqual(Object.fromEntries(headers), { accept: "application/json", "x-api-key": apiKey })
  })

  it("has the headers that a function returns, also in place of its own", async () => {
    const { headers } = await requestOf({
      path: "/token",
      header: (secret) => ({ Authorization: `Basic ${btoa(secret)}`, Accept: "application/vnd.example+json" })
    })
    assert.deepStrictEqual(Object.fromEntries(headers), {
      accept: "application/vnd.example+json",
      authorization: `Basic ${btoa(apiKey)}`
    })
  })

  it("contains the key in the body, and in no header, if the body is a function", async () => {
    const request = await requestOf({ path: "/token", body: (secret) => ({ apiKey: secret }) })
    assert.deepStrictEqual(await request.json(), { apiKey })
    assert.deepStrictEqual(Object.fromEntries(request.headers), {
      accept: "application/json",
      "content-type": "application/json"
    })
  })

  it("contains the key in a header if the body is an object, which a later change does not reach", async () => {
    const scope = { scope: "read" }
    const options: JsonTokenOptions = { path: "/token", method: "PUT", body: scope }
    const requestToken = jsonToken(options)
    scope.scope = "write"
    let sent: unknown
    await requestToken(key, {
      fetch: async (_, init) => {
        sent = { ...init, headers: Object.fromEntries(new Headers(init?.headers as HeadersInit)) }
        return new Response()
      }
    })
    assert.deepStrictEqual(sent, {
      method: "PUT",
      headers: {
        accept: "application/json",
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/json"
      },
      body: '{"scope":"read"}'
    })
  })

  it("has both if both are functions", async () => {
    const request = await requestOf({
      path: "/token",
      header: () => ({ "x-client": "app" }),
      body: (secret) => ({ secret })
    })
    assert.strictEqual(request.headers.get("x-client"), "app")
    assert.isFalse(request.headers.has("authorization"))
    assert.deepStrictEqual(await request.json(), { secret: apiKey })
  })
})

describe("TOK-10: a response with a token", () => {
  it("has it in access_token by default", async () => {
    assert.deepStrictEqual(await verdictOn({ access_token: "tok-1" }), { _tag: "Issued", token: "tok-1" })
  })

  it("has it in the named field, also inside of objects and lists", async () => {
    for (const [tokenField, body] of [
      ["token", { token: "tok-1" }],
      ["data.token", { data: { token: "tok-1" } }],
      ["tokens.0.value", { tokens: [{ value: "tok-1" }] }]
    ] as const) {
      assert.deepStrictEqual(await verdictOn(body, { tokenField }), { _tag: "Issued", token: "tok-1" })
    }
  })
})

describe("TOK-6: the lifetime", () => {
  const issued = { _tag: "Issued", token: "tok-1" } as const
  const body = { access_token: "tok-1", expires_in: 3_600, until: "2026-08-01T10:00:00Z", data: { ttl: 1.5 } }

  it("is read from a field in seconds", async () => {
    assert.deepStrictEqual(await verdictOn(body, { lifetime: "expires_in" }), { ...issued, lifetime: 3_600_000 })
    assert.deepStrictEqual(await verdictOn(body, { lifetime: "data.ttl" }), { ...issued, lifetime: 1_500 })
  })

  it("is the same for all tokens if it is a number of milliseconds", async () => {
    assert.deepStrictEqual(await verdictOn(body, { lifetime: 900_000 }), { ...issued, lifetime: 900_000 })
  })

  it("is what a function returns: milliseconds, the date of the expiry, also of another realm, or nothing", async () => {
    const until = Date.parse(body.until)
    const foreign = runInNewContext(`new Date(${until})`) as Date
    for (const [returned, expected] of [
      [7_200_000, { ...issued, lifetime: 7_200_000 }],
      [new Date(until), { ...issued, expiresAt: until }],
      [foreign, { ...issued, expiresAt: until }],
      [undefined, issued]
    ] as const) {
      assert.deepStrictEqual(await verdictOn(body, { lifetime: () => returned }), expected)
    }
    const lifetime: JsonTokenOptions["lifetime"] = (response) => new Date(String(response["until"]))
    assert.deepStrictEqual(await verdictOn(body, { lifetime }), { ...issued, expiresAt: until })
  })
})

const canary = "canary-5e1f09d7"

describe("TOK-10, SEC-1: a response without a valid token is Invalid, and nothing of it is quoted", () => {
  const isInvalid = (verdict: TokenVerdict, pattern: RegExp) => {
    assert.strictEqual(verdict._tag, "Invalid")
    if (verdict._tag !== "Invalid") return
    assert.match(verdict.detail, pattern)
    assertNoSecrets(JSON.stringify(verdict), [canary])
  }

  for (const body of [
    canary,
    `{"access_token":"${canary}"`,
    "null",
    "17",
    `"${canary}"`,
    `[{"access_token":"${canary}"}]`
  ]) {
    it(`no JSON object: ${body}`, async () => isInvalid(await verdictOn(body), /^a body that is not a JSON object$/))
  }

  it("an empty body", async () => isInvalid(await verdictOn(" \n"), /^an empty body$/))

  for (const [tokenField, body] of [
    ["access_token", {}],
    ["access_token", { token: canary }],
    ["access_token", { access_token: 17 }],
    ["access_token", { access_token: null }],
    ["access_token", { access_token: [canary] }],
    ["data.token", { data: canary }],
    ["data.token", { data: null }],
    ["data.token", { "data.token": canary }],
    ["access_token.0", { access_token: canary }],
    ["constructor.name", { canary }],
    ["__proto__", { canary }]
  ] as const) {
    it(`no string as ${tokenField}: ${JSON.stringify(body)}`, async () =>
      isInvalid(await verdictOn(body, { tokenField }), /^JSON whose \S+ is missing or not a string$/))
  }

  for (const seconds of ["3600", null, true, [3_600], {}, -1, 0, 0.5, 1e12, "1e400", undefined]) {
    it(`a field that is no lifetime: ${JSON.stringify(seconds)}`, async () => {
      // JSON.stringify has no 1e400.
      const text = JSON.stringify({ access_token: canary, expires_in: seconds }).replace('"1e400"', "1e400")
      isInvalid(await verdictOn(text, { lifetime: "expires_in" }), /lifetime is missing, or not from one second/)
    })
  }

  for (const returned of [Number.NaN, Infinity, -1, 0, 1e15, "1 hour", null, {}, canary, new Date(Number.NaN), 10n]) {
    it(`a function that returns no lifetime: ${inspect(returned)}`, async () =>
      isInvalid(await verdictOn({ access_token: canary }, { lifetime: () => returned as number }), /lifetime/))
  }

  it("a function that throws, or returns a promise", async () => {
    const throws = () => {
      throw new Error(canary)
    }
    isInvalid(await verdictOn({ access_token: canary }, { lifetime: throws }), /lifetime/)
    const promises = (async () => 60_000) as unknown as () => number
    isInvalid(await verdictOn({ access_token: canary }, { lifetime: promises }), /lifetime/)
  })

  for (const status of [201, 202, 400, 404, 408, 418]) {
    it(`status ${status}`, async () =>
      isInvalid(await verdictOn({ access_token: canary }, {}, status), new RegExp(`^status ${status}$`)))
  }
})

describe("KEY-2: other statuses", () => {
  it("a 401 or a 403 rejects the key, and a JSON object shows that the API sent it", async () => {
    for (const status of [401, 403]) {
      for (const [body, documented] of [
        [{ error: "unknown key" }, true],
        ["<title>Log in to this network</title>", false],
        ["", false],
        ["[]", false]
      ] as const) {
        assert.deepStrictEqual(await verdictOn(body, {}, status), { _tag: "KeyRejected", documented })
      }
    }
  })

  it("are those that the API rejects a key with, if they are named", async () => {
    const rejectedStatuses = [400, 401]
    const rejected = { _tag: "KeyRejected", documented: true } as const
    assert.deepStrictEqual(await verdictOn({}, { rejectedStatuses }, 400), rejected)
    assert.deepStrictEqual(await verdictOn({}, { rejectedStatuses }, 403), { _tag: "Invalid", detail: "status 403" })
  })

  it("a 429 is a rate limit, and 5xx is temporary, whatever the body says", async () => {
    for (const body of [{ access_token: "tok-1" }, "", "<html>"]) {
      assert.deepStrictEqual(await verdictOn(body, {}, 429), { _tag: "RateLimited" })
      for (const status of [500, 503, 599]) {
        assert.deepStrictEqual(await verdictOn(body, {}, status), { _tag: "Unavailable" })
      }
    }
  })
})

describe("REQ-6: a wrong option", () => {
  const wrong: ReadonlyArray<readonly [option: string, given: object]> = [
    ...[undefined, "", " ", 5, null, new URL("https://api.example.test/token")].map(
      (path) => ["jsonToken.path", { path }] as const
    ),
    ...["post", "DELETE", 5, null].map((method) => ["jsonToken.method", { method }] as const),
    ...["", "x api key", "x-key:", "x\n", "schlüssel", 5, null, {}, ["x-api-key"]].map(
      (header) => ["jsonToken.header", { header }] as const
    ),
    ...["scope=read", 5, null, ["read"], Promise.resolve({}), new Map(), { count: 1n }].map(
      (body) => ["jsonToken.body", { body }] as const
    ),
    ["jsonToken.body", { method: "GET", body: { scope: "read" } }],
    ["jsonToken.body", { method: "GET", body: () => ({}) }],
    ...["", ".", "data.", ".token", "data..token", "the token", 5, null, ["token"]].map(
      (tokenField) => ["jsonToken.tokenField", { tokenField }] as const
    ),
    ...["", "10 minutes", "a..b", -1, 0, 900, 1e12, Infinity, Number.NaN, null, {}, true, 5n].map(
      (lifetime) => ["jsonToken.lifetime", { lifetime }] as const
    ),
    ...[[], [200], [429], [500], ["401"], [401.5], [401, Number.NaN], 401, "401", null].map(
      (rejectedStatuses) => ["jsonToken.rejectedStatuses", { rejectedStatuses }] as const
    ),
    ["jsonToken.tokenfield", { tokenfield: "token" }],
    ["jsonToken.headers", { headers: {} }]
  ]

  for (const [index, [option, given]] of wrong.entries()) {
    it(`is CONFIG_INVALID, and named: ${option}, case ${index}`, async () => {
      const options = { path: "/token", ...given } as JsonTokenOptions
      const { fix, reason } = await errorOf(() => jsonToken(options))
      assert.deepStrictEqual(reason, { _tag: "ConfigInvalid", option })
      assert.isNotEmpty(fix)
    })
  }

  it("is CONFIG_INVALID if there are no options at all", async () => {
    for (const none of [undefined, null, "/token", []] as const) {
      const { code } = await errorOf(() => jsonToken(none as unknown as JsonTokenOptions))
      assert.strictEqual(code, "CONFIG_INVALID")
    }
  })

  it("suggests the name that was meant", async () => {
    const options = { path: "/token", tokenfield: "token" } as JsonTokenOptions
    assert.include((await errorOf(() => jsonToken(options))).message, "Did you mean tokenField?")
  })
})

describe("SEC-1: a function of yours that fails", () => {
  const cyclic: Record<string, unknown> = {}
  cyclic["self"] = cyclic

  const failing: ReadonlyArray<readonly [option: "header" | "body", what: string, given: (secret: string) => unknown]> =
    (["header", "body"] as const).flatMap((option) => [
      [
        option,
        "throws the key",
        (secret) => {
          throw new Error(secret)
        }
      ],
      [option, "returns nothing", () => undefined],
      [option, "returns a string", (secret) => secret],
      [option, "returns a list", (secret) => [["x-api-key", secret]]],
      [option, "returns a promise", async (secret) => ({ "x-api-key": secret })]
    ])

  for (const [option, what, given] of [
    ...failing,
    ["header", "returns a malformed value", (secret: string) => ({ "x-api-key": `${secret}\n${secret}` })],
    ["header", "returns a malformed name", (secret: string) => ({ [`${secret}:`]: "x" })],
    ["header", "returns a value that is no string", (secret: string) => ({ "x-api-key": [secret] })],
    ["body", "returns a cycle", () => cyclic],
    ["body", "returns a bigint", () => ({ count: 1n })]
  ] as const) {
    it(`is CONFIG_INVALID, nothing is sent, and the key is not shown: ${option} ${what}`, async () => {
      let sent = 0
      const requestToken = jsonToken({ path: "/token", [option]: given })
      const fetch: TokenFetch = async () => {
        sent += 1
        return new Response()
      }
      const error = await errorOf(() => requestToken(key, { fetch }))
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: `jsonToken.${option}` })
      assertNoSecrets(printed(error), [apiKey])
      assert.strictEqual(sent, 0)
    })
  }

  it("lets an error of the framework pass unchanged (REQ-6)", async () => {
    const digest = Object.assign(new Error("Bail out"), { digest: "DYNAMIC" })
    const throws = (): never => {
      throw digest
    }
    for (const options of [{ header: throws }, { body: throws }, { lifetime: throws }]) {
      const requestToken = jsonToken({ path: "/token", ...options })
      const fetch: TokenFetch = async () => Response.json({ access_token: "tok-1" })
      const outcome = await Promise.resolve(requestToken(key, { fetch })).catch((error: unknown) => error)
      assert.strictEqual(outcome, digest)
    }
  })
})
