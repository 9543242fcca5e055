import { tokenkeepErrorCodes } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { describe, expect, it } from "vitest"
import { runProgram } from "./support/runProgram.ts"
import { echoServer } from "./support/echoServer.ts"

const printing = new URL("./fixtures/printEverything.ts", import.meta.url)
const crashing = new URL("./fixtures/crash.ts", import.meta.url)

const run = async (program: URL, more: Readonly<Record<string, string>> = {}) => {
  const server = await echoServer()
  const finished = await runProgram(program, { DEEPLY_HOST: server.url, DEEPLY_API_KEY: server.apiKey, ...more })
  return { ...finished, output: finished.stdout + finished.stderr, secrets: server.secrets() }
}

describe("SEC-1: secrets do not print", () => {
  it("SEC-1: no object prints a key or a token, and the check finds secrets that are printed on purpose", async () => {
    const { code, stdout, stderr, secrets } = await run(printing)
    expect([code, stderr.slice(code === 0 ? Infinity : -2_000)]).toEqual([0, ""])
    const [printed = "", leaked = ""] = stdout.split("ON PURPOSE")
    const [stderrBefore = "", stderrLeak = ""] = stderr.split("ON PURPOSE")
    expect(printed).toMatch(/printed \d+ objects, [1-9]\d* events\n$/)
    expect(secrets.length).toBeGreaterThan(20)
    assertNoSecrets(printed, secrets)
    assertNoSecrets(stderrBefore, secrets)
    // The tests of oauth2 print the others.
    const codes = tokenkeepErrorCodes.filter((each) => !/^(?:CLIENT|SCOPE|GRANT)_/.test(each))
    for (const each of codes) expect(printed).toContain(`TokenkeepError [${each}]: `)
    expect(printed).toContain("<redacted:access-token ")
    expect(printed).toContain("<redacted:api-key>")
    expect(() => assertNoSecrets(stderrLeak, secrets)).toThrow(/^Secret 1 of \d+ is printed in clear/)
    expect(() => assertNoSecrets(leaked, secrets)).toThrow(/^Secret [2-9] of \d+ is printed in clear/)
  })
})

describe("SEC-1: crashes", () => {
  const crashes: ReadonlyArray<readonly [string, ReadonlyArray<readonly [how: string, code: string]>]> = [
    [
      "exceptions and rejections",
      [
        ["throw", "API_KEY_REJECTED"],
        ["throw wrapped", "ISSUER_UNAVAILABLE"],
        ["reject", "CREDENTIAL_SOURCE_FAILED"]
      ]
    ],
    [
      "effects that fail or die",
      [
        ["runPromise", "TRANSPORT_FAILED"],
        ["die", "TOKEN_EXPIRED"],
        ["orDie", "REDIRECT_REFUSED"]
      ]
    ]
  ]

  it.each(crashes)("SEC-1: processes that crash with %s print no key and no token", async (_, causes) => {
    await Promise.all(
      causes.map(async ([how, code]) => {
        const { code: exit, output, secrets } = await run(crashing, { HOW: how, CODE: code })
        assertNoSecrets(output, secrets)
        expect([how, exit]).toEqual([how, 1])
        expect(output).toContain(code)
      })
    )
  })
})
