import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { isCleartextProxied } from "../src/internal/proxyWarning.ts"
import { forbidEnvironment } from "./support/forbidEnvironment.ts"

afterEach(() => vi.unstubAllGlobals())

describe("REQ-4: a proxy of the environment sees plain http", () => {
  type Variables = Readonly<Record<string, string>>
  const proxy: Variables = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: "http://proxy.test:3128" }
  const url = "http://edge.test:8100/"

  const table: ReadonlyArray<readonly [what: string, url: string, variables: Variables, isProxied: boolean]> = [
    ["in upper case", url, proxy, true],
    ["in lower case", url, { NODE_USE_ENV_PROXY: "1", http_proxy: "http://proxy.test:3128" }, true],
    ["https is not seen", "https://edge.test:8100/", proxy, false],
    ["without a proxy", url, { NODE_USE_ENV_PROXY: "1" }, false],
    ["an empty proxy is none", url, { ...proxy, HTTP_PROXY: "" }, false],
    ["Node does not obey it by itself", url, { HTTP_PROXY: "http://proxy.test:3128" }, false],
    ["Node is told not to obey it", url, { ...proxy, NODE_USE_ENV_PROXY: "0" }, false],
    ["the host is excepted", url, { ...proxy, NO_PROXY: "edge.test" }, false],
    ["the host is excepted in lower case", url, { ...proxy, no_proxy: "edge.test" }, false],
    ["the host is excepted in capitals", url, { ...proxy, NO_PROXY: "EDGE.Test" }, false],
    ["the host is excepted with its port", url, { ...proxy, NO_PROXY: "edge.test:8100" }, false],
    ["another port of the host is excepted", url, { ...proxy, NO_PROXY: "edge.test:9100" }, true],
    ["the host is one of several", url, { ...proxy, NO_PROXY: "a.test, edge.test ,b.test" }, false],
    ["its domain is excepted", "http://a.edge.test/", { ...proxy, NO_PROXY: "edge.test" }, false],
    ["its domain is excepted with a dot", "http://a.edge.test/", { ...proxy, NO_PROXY: ".edge.test" }, false],
    ["its domain is excepted with a star", "http://a.edge.test/", { ...proxy, NO_PROXY: "*.edge.test" }, false],
    ["all are excepted", url, { ...proxy, NO_PROXY: "*" }, false],
    ["another host is excepted", url, { ...proxy, NO_PROXY: "other.test" }, true],
    ["a host with the same end is excepted", url, { ...proxy, NO_PROXY: "dge.test" }, true],
    ["nothing is excepted", url, { ...proxy, NO_PROXY: " , " }, true]
  ]
  for (const [what, of, variables, isProxied] of table) {
    it(`${what}: ${isProxied ? "yes" : "no"}`, () => {
      vi.stubGlobal("process", { env: variables })
      assert.strictEqual(isCleartextProxied(new URL(of)), isProxied)
    })
  }

  for (const runtime of ["Deno", "Bun"]) {
    it(`${runtime} obeys it by itself`, () => {
      vi.stubGlobal("process", { env: { HTTP_PROXY: "http://proxy.test:3128" } })
      vi.stubGlobal(runtime, {})
      assert.isTrue(isCleartextProxied(new URL(url)))
    })
  }

  it("an environment that may not be read is no failure", () => {
    forbidEnvironment()
    vi.stubGlobal("Deno", {})
    assert.isFalse(isCleartextProxied(new URL(url)))
  })
})
