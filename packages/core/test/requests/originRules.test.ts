import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { TokenkeepError } from "../../src/index.ts"
import { checkBaseUrl } from "../../src/requests/baseUrl.ts"
import { resolvePlain, resolveUrl } from "../../src/requests/originRules.ts"
import { allowed, notAllowed } from "../support/originCorpus.ts"
import { runs } from "../support/seed.ts"

const baseOf = (url: string) => checkBaseUrl(url, { option: "host", allowInsecureHttp: false })
const base = baseOf("https://api.example.test/v1")

/** The URL of an input, or the code of its error. */
const outcome = (input: string | URL, against = base): string => {
  const url = resolveUrl(input, against)
  return url instanceof TokenkeepError ? url.code : url.href
}

const shown = (input: string) => JSON.stringify(input.length > 60 ? `${input.slice(0, 60)}…` : input)

describe("REQ-3: an input within the provider's origin", () => {
  for (const [input, leadsTo] of allowed) {
    it(`${shown(input)} resolves below the base or to its origin`, () => assert.strictEqual(outcome(input), leadsTo))
  }
})

describe("REQ-3: an input that leads to another place", () => {
  for (const input of notAllowed) {
    it(`${shown(input)} is rejected`, () => assert.strictEqual(outcome(input), "ORIGIN_NOT_ALLOWED"))
  }
})

describe("REQ-3: all inputs", () => {
  it("are more than a hundred, each once", () => {
    const inputs = [...allowed.map(([input]) => input), ...notAllowed]
    assert.isAbove(inputs.length, 150)
    assert.strictEqual(new Set(inputs).size, inputs.length)
  })

  it("follow the same rules as URL objects", () => {
    assert.strictEqual(outcome(new URL("https://api.example.test/v1/x")), "https://api.example.test/v1/x")
    assert.strictEqual(outcome(new URL("https://api.example.test/x")), "ORIGIN_NOT_ALLOWED")
    assert.strictEqual(outcome(new URL("https://evil.test/x")), "ORIGIN_NOT_ALLOWED")
    assert.strictEqual(outcome(new URL("https://user@api.example.test/x")), "ORIGIN_NOT_ALLOWED")
  })

  it("do not depend on the trailing slash of the base", () => {
    for (const [input, leadsTo] of allowed) {
      assert.strictEqual(outcome(input, baseOf("https://api.example.test/v1/")), leadsTo)
    }
  })

  it("cannot leave a deeper base, not even towards its own parent", () => {
    const deep = baseOf("https://api.example.test/v1/tenant")
    assert.strictEqual(outcome("/x", deep), "https://api.example.test/v1/tenant/x")
    assert.strictEqual(outcome("../../other/x", deep), "ORIGIN_NOT_ALLOWED")
    assert.strictEqual(outcome("https://api.example.test/v1/other/x", deep), "ORIGIN_NOT_ALLOWED")
  })

  it("resolve against the root if the base has no path, which nothing on its origin leaves", () => {
    const root = baseOf("https://api.example.test")
    assert.strictEqual(outcome("/x/y", root), "https://api.example.test/x/y")
    assert.strictEqual(outcome("/../x", root), "https://api.example.test/x")
    assert.strictEqual(outcome("//evil.test/x", root), "ORIGIN_NOT_ALLOWED")
    assert.strictEqual(outcome("/..%2f..%5cx", root), "https://api.example.test/..%2f..%5cx")
    assert.strictEqual(outcome("/..;/x", root), "https://api.example.test/..;/x")
  })

  it("are compared in the parser's form, for a base on another port, on IPv6 or in Unicode", () => {
    assert.strictEqual(outcome("http://127.0.0.1:8100/x", baseOf("http://127.1:8100")), "http://127.0.0.1:8100/x")
    assert.strictEqual(outcome("http://127.0.0.1/x", baseOf("http://127.0.0.1:8100")), "ORIGIN_NOT_ALLOWED")
    assert.strictEqual(outcome("https://[2001:DB8:0::1]/x", baseOf("https://[2001:db8::1]")), "https://[2001:db8::1]/x")
    const unicode = baseOf("https://b\u00fccher.test")
    assert.strictEqual(outcome("https://xn--bcher-kva.test/x", unicode), "https://xn--bcher-kva.test/x")
    assert.strictEqual(outcome("https://B\u00dcCHER.test/x", unicode), "https://xn--bcher-kva.test/x")
  })

  it("if rejected, are not quoted: the error names the origin only", () => {
    const error = resolveUrl("https://evil.test/secret-path?key=sk-live-2f6c1d", base)
    if (!(error instanceof TokenkeepError)) throw new Error("not rejected")
    assert.deepStrictEqual(error.reason, { _tag: "OriginNotAllowed", origin: "https://evil.test" })
    assert.include(error.message, "https://evil.test, not to https://api.example.test")
    assert.notMatch(error.message, /secret-path|sk-live/)
  })
})

const fragments = [
  ..."/ \\ . .. ..; ... %2e %2E %252e . // \\\\ @ : ? # & = ; a v1 x %2f %252F %5c %3b %20 %00 %25 % ~ [ ] ::1 443 8443".split(
    " "
  ),
  ..."http: https: https:// HTTPS:// data: blob: file: javascript: ws:".split(" "),
  ..."api.example.test evil.test api.example.test@ @evil.test user:pass@ 127.0.0.1 localhost".split(" "),
  ..."\t \n \r \0 \u0001 \u007f \u00a0 \u2028 \ufeff \u3002 \uff0f \u00e4 \ud800 \u202e".split(" "),
  " "
]

const anything = fc.oneof(
  fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.webUrl({ withQueryParameters: true, withFragments: true })
)

const bases = ["https://api.example.test", "https://api.example.test/v1", "http://127.0.0.1:8100/a/b/"].map(baseOf)

describe("REQ-3: any string", () => {
  it("is rejected, or becomes the base URL or a URL below it", () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(...bases), (input, against) => {
        const url = resolveUrl(input, against)
        if (url instanceof TokenkeepError) return assert.strictEqual(url.code, "ORIGIN_NOT_ALLOWED")
        assert.strictEqual(url.origin, against.origin)
        assert.strictEqual(url.protocol, against.protocol)
        assert.isTrue(url.href.startsWith(`${against.origin}/`))
        assert.strictEqual(url.username + url.password, "")
        assert.isTrue(`${url.pathname}/`.startsWith(against.pathname), url.href)
        for (let { pathname } = url, last = ""; last !== pathname;) {
          // As servers read it: what follows two dots removed, and empty segments, then dots resolved.
          const ended = pathname.replaceAll(/(?<=(?:^|[\\/])\.\.)(?:[; \0\t]|%(?:20|00|09))[^\\/]*/g, "")
          const read = new URL(url.origin + ended.replaceAll(/[\\/]+/g, "/"))
          assert.isTrue(`${read.pathname}/`.startsWith(against.pathname), url.href)
          last = pathname
          pathname = pathname.replaceAll(/%(2f|5c|2e|3b|20|00|09|25)/gi, decodeURIComponent)
        }
      }),
      runs(20_000)
    )
  })

  it("has the same outcome with the short way for plain paths, if that handles it", () => {
    const plain = fc.array(fc.constantFrom(..."/ // . .. a v1 x ~ ? & = : % %2e , - _ @ # \\ \u00e4 '".split(" ")), {
      maxLength: 8
    })
    const input = fc.oneof(
      anything,
      plain.map((parts) => parts.join("")),
      plain.map((parts) => `/${parts.join("")}`)
    )
    let short = 0
    fc.assert(
      fc.property(input, fc.constantFrom(...bases), (path, against) => {
        const href = resolvePlain(path, against)
        if (href === undefined) return
        short += 1
        assert.strictEqual(outcome(path, against), href)
      }),
      runs(20_000)
    )
    assert.isAbove(short, 500)
    for (const path of ["/events", "/", "/a//b", "/events/7f3a?size=1&page=2", "/a/b.json"]) {
      assert.isString(resolvePlain(path, base))
    }
  })
})
