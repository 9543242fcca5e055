import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import fc from "fast-check"
import { ApiKey, TokenkeepError } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { printed } from "../support/printed.ts"
import { runs } from "../support/seed.ts"

const errorOf = (value: unknown): TokenkeepError => {
  try {
    ApiKey.make(value as string)
  } catch (error) {
    if (error instanceof TokenkeepError) return error
    throw error
  }
  throw new Error("The key was accepted.")
}

const real = "sk-live-2f6c1d8e7b3a4950"

describe("SEC-2: a valid key", () => {
  it("is used unchanged", () => assert.strictEqual(ApiKey.make(real).reveal(), real))
  it("may be a Redacted value", () => assert.strictEqual(ApiKey.make(Redacted.make(real)).reveal(), real))
  it("may be exactly 8 KiB", () => assert.strictEqual(ApiKey.make("k".repeat(8192)).reveal().length, 8192))
  it("loses one trailing line break, as files have one", () => {
    assert.strictEqual(ApiKey.make(`${real}\n`).reveal(), real)
    assert.strictEqual(ApiKey.make(`${real}\r\n`).reveal(), real)
    assert.strictEqual(ApiKey.make(`${"k".repeat(8192)}\n`).reveal().length, 8192)
  })
  it("may contain any printable ASCII character, also quotes inside", () => {
    const all = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index))
    assert.strictEqual(ApiKey.make(all).reveal(), all)
    assert.strictEqual(ApiKey.make(`"${real}`).reveal(), `"${real}`)
  })
  it("may contain words of a placeholder inside", () => {
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

describe("SEC-2: an invalid key is API_KEY_MALFORMED, with the reason, and the error does not contain it", () => {
  const malformed: ReadonlyArray<readonly [what: string, key: string, says: RegExp]> = [
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
    ["8 KiB and one byte", `${real}${"k".repeat(8193 - real.length)}`, /longer than 8192 bytes/],
    ["double quotes", `"${real}"`, /wrapped in quotes/],
    ["single quotes", `'${real}'`, /wrapped in quotes/],
    ["backticks", `\`${real}\``, /wrapped in quotes/],
    ["quotes and a trailing line break", `"${real}"\n`, /wrapped in quotes/],
    ["a scheme", `Bearer ${real}`, /starts with "Bearer"/],
    ["a scheme in lower case", `bearer ${real}`, /starts with "Bearer"/],
    ["a scheme and a tab", `BEARER\t${real}`, /starts with "Bearer"/]
  ]
  for (const [what, key, says] of malformed) {
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

  it("is CONFIG_INVALID if it is not a string, which JavaScript allows", () => {
    for (const value of [undefined, null, 42, {}, ["key"], Symbol("key"), new URL("https://x.test")]) {
      const error = errorOf(value)
      assert.strictEqual(error.code, "API_KEY_MALFORMED")
      assert.match(error.message, /is not a string/)
    }
    assert.match(errorOf(Redacted.make(42)).message, /is not a string/)
  })

  it("is named by its name in the message", () => {
    assert.throws(() => ApiKey.make("", { name: "staging" }), /The API key \(staging\) is empty\./)
  })

  it("is CONFIG_INVALID if it is a Redacted value of another copy of effect, which cannot be opened", () => {
    const foreign: unknown = Object.create(Redacted.make(real))
    const error = errorOf(foreign)
    assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "apiKey" })
    assert.match(error.message, /another copy of effect/)
  })
})

describe("SEC-2: real keys are not mistaken for placeholders", () => {
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

  it("20,000 random keys in hex and base64, many with words of placeholders inside, are accepted", () => {
    fc.assert(
      fc.property(fc.oneof(encoded, worded, prefixed), (key) => assert.strictEqual(ApiKey.make(key).reveal(), key)),
      runs(20_000)
    )
  })

  it("any string is accepted unchanged, or rejected without being quoted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 24 }), (key) => {
        try {
          assert.strictEqual(ApiKey.make(key).reveal(), key.replace(/\r?\n$/, ""))
        } catch (error) {
          if (!(error instanceof TokenkeepError)) throw error
          assert.notInclude(error.message, key)
        }
      }),
      runs(2_000)
    )
  })
})

describe("SEC-1: an API key does not print", () => {
  it("in any common way; it shows its name instead", () => {
    const key = ApiKey.make(real, { name: "main" })
    assertNoSecrets(printed(key), [real])
    assert.strictEqual(String(key), "<redacted:main>")
    assert.strictEqual(JSON.stringify({ key }), '{"key":"<redacted:main>"}')
    assert.include(printed(key), "[ <redacted:main> ]")
  })
})

describe("KEY-1: an API key is recognised in a string", () => {
  it("anywhere if it is long, also URL-encoded", () => {
    const key = ApiKey.make("sk+live/2f6c1d8e7b3a")
    for (const text of ["Bearer sk+live/2f6c1d8e7b3a", "xsk+live/2f6c1d8e7b3ax", "/x?k=sk%2Blive%2F2f6c1d8e7b3a"]) {
      assert.isTrue(key.isIn(text), text)
    }
    assert.isFalse(key.isIn("Bearer sk+live/2f6c1d8e7b3"))
  })

  it("only as a whole word if it is short, since it may appear by chance", () => {
    const key = ApiKey.make("eventlog")
    for (const text of ["Bearer eventlog", "/x?key=eventlog", "a,eventlog", "https://x.test/eventlog"])
      assert.isTrue(key.isIn(text))
    for (const text of ["/alleventlog", "eventlog2", "my-eventlog"]) assert.isFalse(key.isIn(text))
    assert.isTrue(ApiKey.make("k".repeat(16)).isIn("x".concat("k".repeat(16))))
    assert.isFalse(ApiKey.make("k".repeat(15)).isIn("x".concat("k".repeat(15))))
  })

  it("not at all if it has fewer than 8 characters: it may be an ordinary word of a path", () => {
    for (const text of ["events", "Bearer events", "/x?key=events"]) {
      assert.isFalse(ApiKey.make("events").isIn(text))
      assert.isTrue(ApiKey.make("eventlog").isIn(text.replace("events", "eventlog")))
    }
  })

  it("two keys are equal if their values are, whatever their names", () => {
    assert.isTrue(ApiKey.make(real, { name: "a" }).equals(ApiKey.make(real, { name: "b" })))
    assert.isFalse(ApiKey.make(real).equals(ApiKey.make(`${real}x`)))
  })

  it("does not compile as a header, a body, a URL or a query", () => {
    const compiles = (key: ApiKey): ReadonlyArray<unknown> => [
      // @ts-expect-error -- a key is not a header value
      new Headers({ authorization: key }),
      // @ts-expect-error -- a key is not a header value in a request either
      { headers: { authorization: key } } satisfies RequestInit,
      // @ts-expect-error -- a key is not a body
      { body: key } satisfies RequestInit,
      // @ts-expect-error -- a key is not a URL
      fetch(key),
      // @ts-expect-error -- a key is not a part of a URL
      new URL(key, "https://api.example.test"),
      // @ts-expect-error -- a key is not a part of a query
      new URLSearchParams({ key }),
      // @ts-expect-error -- a key is not a string
      key satisfies string,
      // @ts-expect-error -- an object of the same shape is not a key
      { name: "main", reveal: () => "x" } satisfies ApiKey
    ]
    assert.isFunction(compiles)
  })
})
