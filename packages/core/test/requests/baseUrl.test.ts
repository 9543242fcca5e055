import { assert, describe, it } from "@effect/vitest"
import { TokenkeepError, checkBaseUrl } from "../../src/index.ts"

const check = (url: string, allowInsecureHttp = false, optIn?: (url: URL) => string) =>
  checkBaseUrl(url, { option: "host", allowInsecureHttp, optIn })

const errorOf = (url: string, optIn?: (url: URL) => string): TokenkeepError => {
  try {
    return assert.fail(`${url} was accepted as ${check(url, false, optIn).href}`)
  } catch (error) {
    if (error instanceof TokenkeepError) return error
    throw error
  }
}

describe("a base URL is normalized", () => {
  const forms: ReadonlyArray<readonly [url: string, form: string]> = [
    ["https://api.example.test", "https://api.example.test/"],
    ["https://api.example.test/", "https://api.example.test/"],
    ["https://api.example.test/v1", "https://api.example.test/v1/"],
    ["https://api.example.test/v1/", "https://api.example.test/v1/"],
    ["https://api.example.test/a/../v1", "https://api.example.test/v1/"],
    ["HTTPS://API.Example.TEST/V1", "https://api.example.test/V1/"],
    ["https://api.example.test:443", "https://api.example.test/"],
    ["https://api.example.test:8443", "https://api.example.test:8443/"],
    ["https://b\u00fccher.test", "https://xn--bcher-kva.test/"],
    ["https://[2001:DB8::1]:8443/v1", "https://[2001:db8::1]:8443/v1/"],
    ["  https://api.example.test\n", "https://api.example.test/"]
  ]
  for (const [url, form] of forms)
    it(`${JSON.stringify(url)} is ${form}`, () => assert.strictEqual(check(url).href, form))
})

describe("REQ-4: plain http", () => {
  const loopback = [
    "http://localhost",
    "http://LOCALHOST:8100",
    "http://tenant.localhost:8100",
    "http://a.b.localhost",
    "http://127.0.0.1:8100",
    "http://127.255.0.3",
    "http://127.1",
    "http://127.0.0.1.",
    "http://0x7f000001",
    "http://2130706433",
    "http://[::1]:8100",
    "http://[0:0:0:0:0:0:0:1]"
  ]
  for (const url of loopback) it(`${url} is a loopback host, and needs no opt-in`, () => assert.ok(check(url)))

  const elsewhere = [
    "http://api.example.test",
    "http://127.0.0.1.evil.test",
    "http://localhost.evil.test",
    "http://localhost.",
    "http://notlocalhost",
    "http://evil-localhost",
    "http://128.0.0.1",
    "http://12.7.0.1",
    "http://0.0.0.0",
    "http://[::]",
    "http://[::2]",
    "http://[::ffff:127.0.0.1]",
    "http://192.168.0.7:8100",
    "http://10.0.0.1",
    "http://b\u00fccher.test"
  ]
  for (const url of elsewhere) {
    it(`${url} is rejected without an opt-in, and accepted with it`, () => {
      assert.strictEqual(errorOf(url).code, "INSECURE_ORIGIN")
      assert.strictEqual(check(url, true).protocol, "http:")
    })
  }

  it("the error names the origin, and prints the exact value that opts in", () => {
    const error = errorOf("http://192.168.0.7:8100/v1", (url) => `edge("${url.hostname}", ${url.port})`)
    assert.deepStrictEqual(error.reason, { _tag: "InsecureOrigin", origin: "http://192.168.0.7:8100" })
    assert.match(error.message, /^http:\/\/192\.168\.0\.7:8100 is plain http/)
    assert.match(error.fix, /edge\("192\.168\.0\.7", 8100\)\.$/)
    assert.match(errorOf("http://192.168.0.7").fix, /allowInsecureHttp: true in the provider\.$/)
  })
})

describe("CONFIG_INVALID names the option of a base URL", () => {
  const wrong: ReadonlyArray<readonly [url: string, says: RegExp]> = [
    ["", /is not a URL/],
    ["api.example.test", /is not a URL/],
    ["/v1", /is not a URL/],
    ["https://", /is not a URL/],
    ["https://exa mple.test", /is not a URL/],
    ["https://api.example.test:99999", /is not a URL/],
    ["ftp://api.example.test", /uses ftp:, not http/],
    ["ws://api.example.test", /uses ws:, not http/],
    ["file:///v1", /uses file:, not http/],
    ["data:text/plain,x", /uses data:, not http/],
    ["api.example.test:8100", /uses api\.example\.test:, not http/],
    ["https://user@api.example.test", /user name or password/],
    ["https://user:hunter22@api.example.test", /user name or password/],
    ["https://:hunter22@api.example.test", /user name or password/],
    ["https://api.example.test/?", /query or a fragment/],
    ["https://api.example.test/?key=hunter22", /query or a fragment/],
    ["https://api.example.test/#", /query or a fragment/],
    ["https://api.example.test/v1#hunter22", /query or a fragment/],
    ["https://api.example.test:0", /port 0,/],
    ["https://api.example.test:22", /port 22, which fetch refuses/],
    ["https://api.example.test:6000", /port 6000,/],
    ["http://127.0.0.1:6667", /port 6667,/],
    ["https://api.example.test:10080", /port 10080,/]
  ]
  for (const [url, says] of wrong) {
    it(`${JSON.stringify(url)}: ${says.source}`, () => {
      const error = errorOf(url)
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "host" })
      assert.match(error.message, says)
      assert.notInclude(error.message, "hunter22")
    })
  }

  it("also if plain http is allowed", () => {
    assert.throws(() => check("http://user@192.168.0.7", true), /user name or password/)
    assert.throws(() => check("http://192.168.0.7:6000", true), /port 6000/)
  })
})

/** https://fetch.spec.whatwg.org/#port-blocking */
const blockedPorts =
  "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 " +
  "137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 " +
  "1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"

it("the ports that are refused are those that fetch refuses", () => {
  const isRefused = (port: number) => {
    try {
      check(`http://127.0.0.1:${port}`)
      return false
    } catch {
      return true
    }
  }
  const refused = Array.from({ length: 65_536 }, (_, port) => port).filter(isRefused)
  assert.strictEqual(refused.join(" "), blockedPorts)
})
