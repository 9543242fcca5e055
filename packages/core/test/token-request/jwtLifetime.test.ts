import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { issuerNow, jwtLifetime } from "../../src/token-request/jwtLifetime.ts"
import { anyNumber } from "../support/implausible.ts"
import { jwt, jwtOf } from "../support/jwt.ts"
import { runs } from "../support/seed.ts"

const hour = 3_600_000
const now = 1_800_000_000_000
const second = now / 1_000

describe("TOK-6: the lifetime of a JWT", () => {
  const cases: ReadonlyArray<
    readonly [what: string, claims: object, issuer: number | undefined, local: number, lifetime: number | undefined]
  > = [
    ["exp against iat", { iat: second, exp: second + 900 }, undefined, now, 900_000],
    ["exp against the issuer's Date", { exp: second + 900 }, now, now + 5 * hour, 900_000],
    ["exp against our own clock, if there is nothing else", { exp: second + 900 }, undefined, now, 900_000],
    ["our clock is an hour behind: iat counts", { iat: second, exp: second + 900 }, undefined, now - hour, 900_000],
    ["our clock is an hour ahead: iat counts", { iat: second, exp: second + 900 }, undefined, now + hour, 900_000],
    ["our clock is a day off: Date counts", { exp: second + 900 }, now, now - 24 * hour, 900_000],
    ["a token issued in advance: Date is later than iat", { iat: second - 600, exp: second + 300 }, now, now, 300_000],
    ["a Date that is behind: iat is later", { iat: second, exp: second + 900 }, now - hour, now, 900_000],
    ["an iat that is ahead of Date", { iat: second + 60, exp: second + 960 }, now, now, 900_000],
    ["fractions of a second", { iat: second, exp: second + 0.5 }, undefined, now, 500],
    ["an exp in the past", { iat: second, exp: second - 900 }, undefined, now, -900_000],
    [
      "an exp in milliseconds is some ten thousand years",
      { iat: second, exp: now + hour },
      undefined,
      now,
      1_798_203_600_000_000
    ],
    ["an iat that is not a number", { iat: String(second), exp: second + 900 }, undefined, now, 900_000],
    ["nbf, which does not count", { nbf: second + 5, iat: second, exp: second + 900 }, undefined, now, 900_000]
  ]
  for (const [what, claims, issuer, local, lifetime] of cases) {
    it(what, () => assert.strictEqual(jwtLifetime(jwtOf(claims), { issuer, local }), lifetime))
  }

  it("is unknown if exp is missing or not a finite number", () => {
    const texts = [
      '{"iat":1}',
      '{"exp":null}',
      '{"exp":"900"}',
      '{"exp":{}}',
      '{"exp":[900]}',
      '{"exp":true}',
      '{"exp":1e400}'
    ]
    for (const text of [...texts, '{"exp":-1e400}', '{"EXP":900}', '{"a":{"exp":900}}']) {
      assert.isUndefined(jwtLifetime(jwt(text), { local: now }), text)
    }
  })

  it("is unknown if the payload is not an object", () => {
    for (const text of ["", "null", "42", '"exp"', "[]", "true", "{", "{exp:1}", "undefined", "\u0000"]) {
      assert.isUndefined(jwtLifetime(jwt(text), { local: now }), text)
    }
  })

  it("is not inherited: a payload cannot set exp through a prototype", () => {
    assert.isUndefined(jwtLifetime(jwt('{"__proto__":{"exp":900}}'), { local: now }))
    assert.isUndefined(jwtLifetime(jwt('{"constructor":{"prototype":{"exp":900}}}'), { local: now }))
    assert.isUndefined(Reflect.get({}, "exp"))
  })
})

describe("TOK-6: a token that is not a JWT has no lifetime", () => {
  const payload = Buffer.from(JSON.stringify({ exp: second + 900 })).toString("base64url")
  const tokens = [
    "",
    "opaque",
    ".",
    "..",
    "...",
    "a.b",
    `a.${payload}`,
    `a.${payload}.b.c`,
    `${payload}..`,
    `..${payload}`
  ]
  for (const token of tokens) {
    it(JSON.stringify(token), () => assert.isUndefined(jwtLifetime(token, { local: now })))
  }

  it("a payload that is not base64url", () => {
    for (const part of ["*", "====", "a", "\u00e4", `${payload}=`, `${payload}!`]) {
      const lifetime = jwtLifetime(`a.${part}.b`, { local: now })
      assert.isTrue(lifetime === undefined || lifetime === 900_000, part)
    }
  })

  it("an encrypted one, with five parts", () => {
    assert.isUndefined(jwtLifetime(`a.${payload}.b.c.d`, { local: now }))
  })
})

describe("TOK-6: base64url", () => {
  it("is read with - and _, and without any length of padding", () => {
    for (let length = 0; length < 12; length += 1) {
      const token = jwtOf({ sub: `${"~?\u00ff".repeat(4)}${"x".repeat(length)}`, iat: second, exp: second + 900 })
      assert.strictEqual(jwtLifetime(token, { local: now }), 900_000)
    }
    const tokens = Array.from({ length: 64 }, (_, index) =>
      jwtOf({ sub: `${"?".repeat(6)}${">".repeat(6)}${index}`, exp: 1 })
    )
    assert.isTrue(tokens.some((token) => token.includes("-")) && tokens.some((token) => token.includes("_")))
    for (const token of tokens) assert.isDefined(jwtLifetime(token, { local: now }))
  })

  it("may contain characters beyond ASCII, and be long", () => {
    const claims = { sub: "\u00e4\u20ac\ud83d\ude00".repeat(50_000), iat: second, exp: second + 900 }
    assert.strictEqual(jwtLifetime(jwtOf(claims), { local: now }), 900_000)
    assert.isUndefined(jwtLifetime(jwt("[".repeat(100_000)), { local: now }))
  })
})

describe("TOK-9: the issuer's clock", () => {
  const at = (headers: HeadersInit) => issuerNow(new Headers(headers), Date.UTC(2027, 0, 15))

  it("is its Date", () => {
    assert.strictEqual(at({ date: "Fri, 15 Jan 2027 08:00:00 GMT" }), now)
  })

  it("is unknown without it, from a malformed one, or from the Date of a cached response", () => {
    assert.isUndefined(at({}))
    for (const date of ["", "soon", "NaN", "1e400", "2.5", "12", "2027-01-15"]) assert.isUndefined(at({ date }), date)
    assert.isUndefined(at({ date: "Fri, 15 Jan 2027 08:00:00 GMT", age: "0" }))
    assert.isUndefined(at({ date: "Fri, 15 Jan 2027 08:00:00 GMT", age: "3600" }))
  })
})

describe("TOK-9: the lifetime of any token", () => {
  it("is a number or undefined, and never an exception", () => {
    const json = fc.oneof(
      fc.json(),
      fc
        .record({ exp: fc.oneof(anyNumber, fc.jsonValue()), iat: fc.oneof(anyNumber, fc.jsonValue()) })
        .map((claims) => JSON.stringify(claims)),
      fc.string({ unit: "binary" })
    )
    const token = fc.oneof(
      json.map(jwt),
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.array(fc.string()).map((parts) => parts.join("."))
    )
    fc.assert(
      fc.property(token, fc.option(anyNumber, { nil: undefined }), anyNumber, (text, issuer, local) => {
        const lifetime = jwtLifetime(text, { issuer, local })
        return lifetime === undefined || typeof lifetime === "number"
      }),
      runs(5_000)
    )
  })
})
