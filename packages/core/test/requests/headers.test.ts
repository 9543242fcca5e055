import { assert, describe, it } from "@effect/vitest"
import { authorizationOf, headerValues, snapshotHeaders, withAuthorization } from "../../src/requests/headers.ts"

/** The forms that fetch accepts beside those of its types: any iterable of pairs. */
const forms = (name: string, value: string): ReadonlyArray<readonly [form: string, headers: HeadersInit]> => [
  ["a record", { "x-a": "1", [name]: value }],
  [
    "pairs",
    [
      ["x-a", "1"],
      [name, value]
    ]
  ],
  [
    "Headers",
    new Headers([
      ["x-a", "1"],
      [name, value]
    ])
  ],
  [
    "a Map, or the Headers of another library",
    new Map([
      ["x-a", "1"],
      [name, value]
    ]) as unknown as HeadersInit
  ]
]

describe("REQ-6: a copy of the caller's headers", () => {
  it("has every name, also __proto__, and no undefined value", () => {
    const headers = JSON.parse('{ "x-a": "1", "__proto__": "2", "x-b": "" }') as Record<string, string>
    const copy = snapshotHeaders({ ...headers, "x-c": undefined as unknown as string })
    assert.deepStrictEqual(Object.entries(copy), Object.entries(headers))
    const sent = Object.keys(withAuthorization(copy, "Bearer t", false))
    assert.deepStrictEqual(sent, ["x-a", "__proto__", "x-b", "authorization"])
  })
})

describe("REQ-5: the caller's own Authorization", () => {
  for (const name of ["authorization", "Authorization", "AUTHORIZATION"]) {
    for (const [form, headers] of forms(name, "Basic x")) {
      it(`is found as ${name} in ${form}`, () => assert.strictEqual(authorizationOf(headers), "Basic x"))
    }
  }

  it("is undefined if absent, and may be empty", () => {
    assert.isUndefined(authorizationOf(undefined))
    for (const [, headers] of forms("x-authorization", "x")) assert.isUndefined(authorizationOf(headers))
    for (const [, headers] of forms("authorization", "")) assert.strictEqual(authorizationOf(headers), "")
  })

  for (const [form, headers] of forms("Authorization", "Basic x")) {
    it(`is replaced by ours, if that is asked for, in ${form}`, () => {
      const sent = new Headers(withAuthorization(headers, "Bearer t", true))
      assert.deepStrictEqual(
        [...sent],
        [
          ["authorization", "Bearer t"],
          ["x-a", "1"]
        ]
      )
    })
  }
})

describe("REQ-6: our Authorization", () => {
  for (const [form, headers] of forms("X-B", "2")) {
    it(`is added to ${form}, which loses and changes nothing else`, () => {
      const before = JSON.stringify([...new Headers(headers)])
      const sent = new Headers(withAuthorization(headers, "Bearer t", false))
      assert.deepStrictEqual(
        [...sent],
        [
          ["authorization", "Bearer t"],
          ["x-a", "1"],
          ["x-b", "2"]
        ]
      )
      assert.strictEqual(JSON.stringify([...new Headers(headers)]), before)
    })
  }

  it("is the only header if there are no others", () => {
    assert.deepStrictEqual(withAuthorization(undefined, "Bearer t", false), { authorization: "Bearer t" })
  })
})

describe("KEY-1: every header value is checked", () => {
  for (const [form, headers] of forms("X-Key", "key")) {
    it(`in ${form}`, () => assert.deepStrictEqual([...headerValues(headers)], ["1", "key"]))
  }

  it("also one that is not a string, which fetch converts", () => {
    const untyped = { "x-count": 5, "x-none": undefined } as unknown as Record<string, string>
    assert.deepStrictEqual([...headerValues(untyped)], ["5", "undefined"])
    assert.deepStrictEqual([...headerValues(undefined)], [])
  })
})
