import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { challengesIn } from "../src/index.ts"
import { runs } from "./support/seed.ts"

const read = (text: string) => {
  const headers = { get: () => text } as unknown as Headers
  return challengesIn(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])
}

const cases: ReadonlyArray<
  readonly [text: string, read: ReadonlyArray<readonly [scheme: string, parameters: object]>]
> = [
  ["", []],
  ["Basic", [["basic", {}]]],
  ["Bearer realm=api", [["bearer", { realm: "api" }]]],
  ['Bearer realm="api", error="invalid_token"', [["bearer", { realm: "api", error: "invalid_token" }]]],
  ['bearer REALM = "a" , Error\t=\tb', [["bearer", { realm: "a", error: "b" }]]],
  [
    'Bearer error_description="It said: \\"no\\", twice\\\\"',
    [["bearer", { error_description: 'It said: "no", twice\\' }]]
  ],
  ['Bearer realm="a" error="b"', [["bearer", { realm: "a", error: "b" }]]],
  ['Bearer error="first", error="second"', [["bearer", { error: "first" }]]],
  ['Bearer realm=""', [["bearer", { realm: "" }]]],
  [
    'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
    [
      ["newauth", { realm: "apps", type: "1", title: 'Login to "apps"' }],
      ["basic", { realm: "simple" }]
    ]
  ],
  [
    "Negotiate, NTLM, , ,Basic realm=x",
    [
      ["negotiate", {}],
      ["ntlm", {}],
      ["basic", { realm: "x" }]
    ]
  ],
  [
    "Negotiate oYH1MIHyoAMKAQE==, Bearer error=invalid_token",
    [
      ["negotiate", {}],
      ["bearer", { error: "invalid_token" }]
    ]
  ],
  ['Digest nonce="a, Bearer error=b"', [["digest", { nonce: "a, Bearer error=b" }]]],
  ['Bearer __proto__="x", constructor=y', [["bearer", { ["__proto__"]: "x", constructor: "y" }]]],
  // What cannot be read ends it.
  ['Bearer realm="never ends', [["bearer", {}]]],
  ["Bearer error=", [["bearer", {}]]],
  ['Bearer error=a, realm=(, Basic realm="x"', [["bearer", { error: "a" }]]],
  ["Bearer error=a; Basic", [["bearer", { error: "a" }]]],
  ['"Bearer" error=a', []],
  ["=", []],
  ["\u00e9", []]
]

describe("the challenges of WWW-Authenticate", () => {
  for (const [text, expected] of cases) {
    it(`are read in ${JSON.stringify(text)}`, () => {
      const found = read(text)
      assert.strictEqual(JSON.stringify(found), JSON.stringify(expected))
    })
  }

  it("are none where there is no header", () => {
    assert.deepStrictEqual(challengesIn(new Headers()), [])
  })

  it("are read from several headers as from one", () => {
    const headers = new Headers([
      ["www-authenticate", 'Basic realm="x"'],
      ["www-authenticate", "Bearer error=invalid_token"]
    ])
    assert.deepStrictEqual(
      challengesIn(headers).map(({ scheme }) => scheme),
      ["basic", "bearer"]
    )
  })

  it("are none in a header that is longer than any is", () => {
    assert.lengthOf(read(`Bearer realm="${"x".repeat(16 * 1_024 - 15)}"`), 1)
    assert.lengthOf(read(`Bearer realm="${"x".repeat(16 * 1_024 - 14)}"`), 0)
  })

  const evil: ReadonlyArray<string> = [
    "a",
    "a ",
    "a,",
    "a=",
    "a=b,",
    "a b ",
    'a="',
    '"',
    "\\",
    'a="\\',
    "a=\t",
    " ",
    ",",
    "= ",
    "a  =",
    "~+/=",
    'Bearer error="x", '
  ]
  for (const unit of evil) {
    it(`take time in proportion to the length: ${JSON.stringify(unit)}, over and over`, () => {
      for (const bytes of [16 * 1_024, 1_024 * 1_024]) {
        const text = unit.repeat(Math.floor(bytes / unit.length))
        const samples = [1, 2, 3].map(() => {
          const from = performance.now()
          read(text)
          return performance.now() - from
        })
        assert.isBelow(Math.min(...samples), 50)
      }
    })
  }

  it("are read from any text without a throw, and those that were written are read again", () => {
    const word = fc.stringMatching(/^[A-Za-z][\w-]{0,10}$/)
    const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
    const parameters = fc.uniqueArray(fc.tuple(word, value), { selector: ([name]) => name.toLowerCase(), maxLength: 5 })
    const written = fc.array(fc.tuple(word, parameters), { maxLength: 5 })
    fc.assert(
      fc.property(written, fc.string(), fc.constantFrom(", ", ",", " , ", ",,\t"), (challenges, noise, comma) => {
        const text = challenges
          .map(([scheme, pairs]) =>
            [scheme, pairs.map(([name, of]) => `${name}="${of.replaceAll(/["\\]/g, "\\$&")}"`).join(comma)]
              .join(" ")
              .trim()
          )
          .join(comma)
        const expected = challenges.map(([scheme, pairs]) => [
          scheme.toLowerCase(),
          Object.fromEntries(pairs.map(([name, of]) => [name.toLowerCase(), of]))
        ])
        assert.deepStrictEqual(read(text), expected)
        for (const broken of [noise, text + noise, noise + text, text.slice(noise.length)]) assert.isArray(read(broken))
      }),
      runs(1_000)
    )
  })
})
