import { assertNoSecrets } from "@tokenkeep/core/testing"
import { describe, expect, it } from "vitest"
import { runProgram } from "./support/child.ts"
import { api } from "./support/servers.ts"

const printing = new URL("./fixtures/printsAll.ts", import.meta.url)
const crashing = new URL("./fixtures/crash.ts", import.meta.url)

/** A server that fails in each way that ky has an error for. */
const failing = () =>
  api(async ({ path }, response) => {
    if (path === "/reset") return response.socket?.destroy()
    if (path === "/silent") return undefined
    if (path === "/slow-body") return response.write("part")
    if (path === "/nonsense") return response.end("{")
    return response.writeHead(Number(path.slice(1))).end(`{"at":"${path}"}`)
  })

const run = async (program: URL, more: Readonly<Record<string, string>> = {}) => {
  const server = await failing()
  const finished = await runProgram(program, { DEEPLY_HOST: server.url, DEEPLY_API_KEY: server.apiKey, ...more })
  const tokens = Array.from({ length: server.issued() }, (_, i) => `canary-token-${i + 1}-5b1f0e`)
  return { ...finished, secrets: [server.apiKey, ...tokens] }
}

describe("SEC-1: ky's errors do not print the token", { timeout: 60_000 }, () => {
  it("SEC-1: however they, their parts and what hooks see are printed; the recipe's error does", async () => {
    const { code, secrets, stderr, stdout } = await run(printing)
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""])
    const [printed = "", leaked = ""] = stdout.split("ON PURPOSE")
    const [complained = "", oops = ""] = stderr.split("ON PURPOSE")
    const names =
      "HTTPError HTTPError NetworkError TimeoutError TimeoutError ForceRetryError SchemaValidationError SyntaxError"
    expect(printed).toMatch(new RegExp(`printed \\d{2,} values: ${names}`))
    assertNoSecrets(printed, secrets)
    assertNoSecrets(complained, secrets)
    expect(() => assertNoSecrets(leaked, secrets)).toThrow(/is printed in clear/)
    expect(() => assertNoSecrets(oops, secrets)).toThrow(/is printed in clear/)
  })

  it.each([
    ["an HTTPError", "0"],
    ["a NetworkError", "2"],
    ["a TimeoutError", "3"]
  ])("SEC-1: when the process dies of %s", async (_, which) => {
    for (const how of ["throw", "reject"]) {
      const { code, secrets, stderr, stdout } = await run(crashing, { WHICH: which, HOW: how })
      expect(code).toBe(1)
      expect(stderr).toMatch(/Error: Request (?:failed|timed out)/)
      assertNoSecrets(stderr + stdout, secrets)
    }
  })
})
