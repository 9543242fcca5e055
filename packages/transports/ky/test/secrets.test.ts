import { assertNoSecrets } from "@tokenkeep/core/testing"
import { describe, expect, it } from "vitest"
import { startApi } from "./support/apiServer.ts"
import { runProgram } from "./support/runProgram.ts"

const printErrors = new URL("./fixtures/printErrors.ts", import.meta.url)
const crash = new URL("./fixtures/crash.ts", import.meta.url)

/** Starts an API that fails in each way that ky has an error for. */
const startFailingApi = () =>
  startApi(async ({ path }, response) => {
    if (path === "/reset") return response.socket?.destroy()
    if (path === "/silent") return undefined
    if (path === "/slow-body") return response.write("part")
    if (path === "/nonsense") return response.end("{")
    return response.writeHead(Number(path.slice(1))).end(`{"at":"${path}"}`)
  })

const run = async (program: URL, env: Readonly<Record<string, string>> = {}) => {
  const server = await startFailingApi()
  const finished = await runProgram(program, { DEEPLY_HOST: server.url, DEEPLY_API_KEY: server.apiKey, ...env })
  const tokens = Array.from({ length: server.issued() }, (_, i) => `canary-token-${i + 1}-5b1f0e`)
  return { ...finished, secrets: [server.apiKey, ...tokens] }
}

describe("SEC-1: ky's errors do not contain the token", () => {
  it("SEC-1: in any way of printing them, their parts and the arguments of hooks", async () => {
    const { code, secrets, stderr, stdout } = await run(printErrors)
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""])
    const [safeOutput = "", leakedOutput = ""] = stdout.split("LEAKING ERROR")
    const [safeErrors = "", leakedErrors = ""] = stderr.split("LEAKING ERROR")
    const names =
      "HTTPError HTTPError NetworkError TimeoutError TimeoutError ForceRetryError SchemaValidationError SyntaxError"
    expect(safeOutput).toMatch(new RegExp(`printed \\d{2,} values: ${names}`))
    assertNoSecrets(safeOutput, secrets)
    assertNoSecrets(safeErrors, secrets)
    expect(() => assertNoSecrets(leakedOutput, secrets)).toThrow(/is printed in clear/)
    expect(() => assertNoSecrets(leakedErrors, secrets)).toThrow(/is printed in clear/)
  })

  it.each([
    ["an HTTPError", "0"],
    ["a NetworkError", "2"],
    ["a TimeoutError", "3"]
  ])("SEC-1: when %s crashes the process", async (_, which) => {
    for (const how of ["throw", "reject"]) {
      const { code, secrets, stderr, stdout } = await run(crash, { WHICH: which, HOW: how })
      expect(code).toBe(1)
      expect(stderr).toMatch(/Error: Request (?:failed|timed out)/)
      assertNoSecrets(stderr + stdout, secrets)
    }
  })
})
