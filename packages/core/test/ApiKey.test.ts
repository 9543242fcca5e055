import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import fc from "fast-check"
import { ApiKey, AuthError } from "../src/index.ts"
import { assertNoSecrets } from "../src/testing/index.ts"
import { printed } from "./support/printed.ts"
import { runs } from "./support/seed.ts"

const errorOf = (value: unknown): AuthError => {
  try {
    ApiKey.make(value as string)
  } catch (error) {
    if (error instanceof AuthError) return error
    throw error
  }
  throw new Error("The key was accepted.")
}

const real = "sk-live-2f6c1d8e7b3a4950"

describe("SEC-2: a key that is fit", () => {
  it("is kept as it is", () => assert.strictEqual(ApiKey.make(real).reveal(), real))
  it("may be redacted already", () => assert.strictEqual(ApiKey.make(Redacted.make(real)).reveal(), real))
  it("may be exactly 8 KiB", () => assert.strictEqual(ApiKey.make("k".repeat(8192)).reveal().length, 8192))
  it("loses the one trailing line break of a file, in either form", () => {
    assert.strictEqual(ApiKey.make(`${real}\n`).reveal(), real)
    assert.strictEqual(ApiKey.make(`${real}\r\n`).reveal(), real)
    assert.strictEqual(ApiKey.make(`${"k".repeat(8192)}\n`).reveal().length, 8192)
  })
  it("may hold any printable ASCII character, also quotes that do not wrap it", () => {
    const all = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index))
    assert.strictEqual(ApiKey.make(all).reveal(), all)
    assert.strictEqual(ApiKey.make(`"${real}`).reveal(), `"${real}`)
  })
  it("may hold a placeholder's words in its middle", () => {
    for (const key of [
      "sk-your-key-2f6c1d",
      "api_key_2f6c1d",
      "changeme2f6c",
      "nullable",
      "xxxy",
      "here2f6c",
      "bearer"
    ]) {
      assert.strictEqual(ApiKey.make(key).reveal(), key)
    }
  })
})

describe("SEC-2: a key that is unfit fails with API_KEY_MALFORMED, which says why and does not echo it", () => {
  const unfit: ReadonlyArray<readonly [what: string, key: string, says: RegExp]> = [
    ["nothing", "", /is empty/],
    ["a lone line break", "\n", /is empty/],
    ["blanks", "   ", /is blank/],
    ["tabs", "\t\t", /is blank/],
    ["a space inside", `${real} x`, /contains a space/],
    ["a space before", ` ${real}`, /contains a space/],
    ["a space after", `${real} `, /contains a space/],
    ["LF inside", `${real}\nx`, /control character/],
    ["CR inside", `${real}\rx`, /control character/],
    ["a header injection", `${real}\r\nx-evil: 1`, /control character/],
    ["two trailing line breaks", `${real}\n\n`, /control character/],
    ["a trailing CR", `${real}\r`, /control character/],
    ["a leading line break", `\n${real}`, /control character/],
    ["NUL", `${real}\0`, /control character/],
    ["a tab", `${real}\tx`, /control character/],
    ["DEL", `${real}\u007f`, /control character/],
    ["an umlaut", `${real}\u00e4`, /outside ASCII/],
    ["a no-break space", `${real}\u00a0`, /outside ASCII/],
    ["a byte order mark", `\ufeff${real}`, /outside ASCII/],
    ["an emoji", `${real}\ud83d\ude00`, /outside ASCII/],
    ["8 KiB and one", `${real}${"k".repeat(8193 - real.length)}`, /longer than 8192 bytes/],
    ["double quotes", `"${real}"`, /wrapped in quotes/],
    ["single quotes", `'${real}'`, /wrapped in quotes/],
    ["backticks", `\`${real}\``, /wrapped in quotes/],
    ["quotes and the file's line break", `"${real}"\n`, /wrapped in quotes/],
    ["a scheme", `Bearer ${real}`, /starts with "Bearer"/],
    ["a scheme in lower case", `bearer ${real}`, /starts with "Bearer"/],
    ["a scheme and a tab", `BEARER\t${real}`, /starts with "Bearer"/]
  ]
  for (const [what, key, says] of unfit) {
    it(what, () => {
      const error = errorOf(key)
      assert.strictEqual(error.code, "API_KEY_MALFORMED")
      assert.match(error.message, says)
      assertNoSecrets(printed(error), [real])
    })
  }

  const placeholders = [
    ..."your-api-key YOUR_API_KEY your_key your-token-here YOUR.SECRET insert-key-here replace_me enter-your-key".split(
      " "
    ),
    ..."paste_key_here api-key API_KEY apikey DEEPLY_API_KEY deeply_api_key changeme CHANGE_ME change-me".split(" "),
    ..."undefined null NULL xxxx XXXXXXXX **** *** ... <key> <your-api-key> $API_KEY ${API_KEY} {{api_key}}".split(" ")
  ]
  for (const key of placeholders) {
    it(`the placeholder ${key}`, () => assert.match(errorOf(key).message, /is a placeholder from an example/))
  }

  it("something that is no string, which only JavaScript can pass", () => {
    for (const value of [undefined, null, 42, {}, ["key"], Symbol("key"), new URL("https://x.test")]) {
      const error = errorOf(value)
      assert.strictEqual(error.code, "API_KEY_MALFORMED")
      assert.match(error.message, /is not a string/)
    }
    assert.match(errorOf(Redacted.make(42)).message, /is not a string/)
  })

  it("the message calls the key by its name", () => {
    assert.throws(() => ApiKey.make("", { name: "staging" }), /The API key \(staging\) is empty\./)
  })

  it("a Redacted of another copy of effect is CONFIG_INVALID, as it cannot be opened", () => {
    const foreign: unknown = Object.create(Redacted.make(real))
    const error = errorOf(foreign)
    assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "apiKey" })
    assert.match(error.message, /another copy of effect/)
  })
})

describe("SEC-2: real keys are not taken for placeholders", () => {
  const bytes = fc.uint8Array({ minLength: 12, maxLength: 48 })
  const words = fc.constantFrom(
    "your",
    "key",
    "test",
    "api_key",
    "null",
    "insert",
    "bearer",
    "change-me",
    "xxxx",
    "live"
  )
  const encoded = fc
    .tuple(bytes, fc.constantFrom("hex", "base64", "base64url"))
    .map(([part, encoding]) => Buffer.from(part).toString(encoding))
  const separator = fc.constantFrom("-", "_", ".", "")
  const worded = fc.tuple(encoded, separator, words, separator, encoded).map((parts) => parts.join(""))
  const prefixed = fc.tuple(words, separator, encoded).map((parts) => parts.join(""))

  it("20,000 random ones in hex and base64, many with such words in them, are accepted", () => {
    fc.assert(
      fc.property(fc.oneof(encoded, worded, prefixed), (key) => assert.strictEqual(ApiKey.make(key).reveal(), key)),
      runs(20_000)
    )
  })

  it("whatever string is given, it is accepted as it is or refused without an echo", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 24 }), (key) => {
        try {
          assert.strictEqual(ApiKey.make(key).reveal(), key.replace(/\r?\n$/, ""))
        } catch (error) {
          if (!(error instanceof AuthError)) throw error
          assert.notInclude(error.message, key)
        }
      }),
      runs(2_000)
    )
  })
})

describe("SEC-1: a key does not print", () => {
  it("in any common way, and shows its name instead", () => {
    const key = ApiKey.make(real, { name: "main" })
    assertNoSecrets(printed(key), [real])
    assert.strictEqual(String(key), "<redacted:main>")
    assert.strictEqual(JSON.stringify({ key }), '{"key":"<redacted:main>"}')
    assert.include(printed(key), "[ <redacted:main> ]")
  })
})

describe("KEY-1: a key is recognised in a text", () => {
  it("a long one anywhere, also URL-encoded", () => {
    const key = ApiKey.make("sk+live/2f6c1d8e7b3a")
    for (const text of ["Bearer sk+live/2f6c1d8e7b3a", "xsk+live/2f6c1d8e7b3ax", "/x?k=sk%2Blive%2F2f6c1d8e7b3a"]) {
      assert.isTrue(key.isIn(text), text)
    }
    assert.isFalse(key.isIn("Bearer sk+live/2f6c1d8e7b3"))
  })

  it("a short one as a whole word only, since it may stand in a text by chance", () => {
    const key = ApiKey.make("events")
    for (const text of ["Bearer events", "/x?key=events", "a,events", "https://x.test/events"])
      assert.isTrue(key.isIn(text))
    for (const text of ["/allevents", "events2", "my-events"]) assert.isFalse(key.isIn(text))
    assert.isTrue(ApiKey.make("k".repeat(16)).isIn("x".concat("k".repeat(16))))
    assert.isFalse(ApiKey.make("k".repeat(15)).isIn("x".concat("k".repeat(15))))
  })

  it("two keys are the same one when their texts are, whatever they are called", () => {
    assert.isTrue(ApiKey.make(real, { name: "a" }).equals(ApiKey.make(real, { name: "b" })))
    assert.isFalse(ApiKey.make(real).equals(ApiKey.make(`${real}x`)))
  })

  it("does not compile as a header, a body, a URL or a query of a request", () => {
    const compiles = (key: ApiKey): ReadonlyArray<unknown> => [
      // @ts-expect-error -- a key is no header value
      new Headers({ authorization: key }),
      // @ts-expect-error -- nor one in a request's init
      { headers: { authorization: key } } satisfies RequestInit,
      // @ts-expect-error -- a key is no body
      { body: key } satisfies RequestInit,
      // @ts-expect-error -- a key is no URL
      fetch(key),
      // @ts-expect-error -- nor part of one
      new URL(key, "https://api.example.test"),
      // @ts-expect-error -- a key is no part of a query
      new URLSearchParams({ key }),
      // @ts-expect-error -- and no string
      key satisfies string,
      // @ts-expect-error -- whatever is shaped like a key is none
      { name: "main", reveal: () => "x" } satisfies ApiKey
    ]
    assert.isFunction(compiles)
  })
})
