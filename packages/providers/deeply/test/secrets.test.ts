import { authErrorCodes } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { describe, expect, it } from "vitest"
import { runProgram } from "./support/child.ts"
import { echoing } from "./support/echoing.ts"

const printing = new URL("./fixtures/printsAll.ts", import.meta.url)
const crashing = new URL("./fixtures/crash.ts", import.meta.url)

const run = async (program: URL, more: Readonly<Record<string, string>> = {}) => {
  const server = await echoing()
  const finished = await runProgram(program, { DEEPLY_HOST: server.url, DEEPLY_API_KEY: server.apiKey, ...more })
  return { ...finished, output: finished.stdout + finished.stderr, secrets: server.secrets() }
}

describe("SEC-1: secrets do not print", () => {
  it("SEC-1: nothing that a program can hold prints a key or a token, and what is printed on purpose is found", async () => {
    const { code, stdout, stderr, secrets } = await run(printing)
    expect([code, stderr.slice(code === 0 ? Infinity : -2_000)]).toEqual([0, ""])
    const [printed = "", leaked = ""] = stdout.split("ON PURPOSE")
    const [complained = "", oops = ""] = stderr.split("ON PURPOSE")
    expect(printed).toMatch(/printed \d+ objects, [1-9]\d* events\n$/)
    expect(secrets.length).toBeGreaterThan(20)
    assertNoSecrets(printed, secrets)
    assertNoSecrets(complained, secrets)
    for (const each of authErrorCodes) expect(printed).toContain(`AuthError [${each}]: `)
    expect(printed).toContain("<redacted:access-token ")
    expect(printed).toContain("<redacted:api-key>")
    expect(() => assertNoSecrets(oops, secrets)).toThrow(/^Secret 1 of \d+ is printed in clear/)
    expect(() => assertNoSecrets(leaked, secrets)).toThrow(/^Secret [2-9] of \d+ is printed in clear/)
  })
})

describe("SEC-1: crashes", () => {
  const doors: ReadonlyArray<readonly [string, ReadonlyArray<readonly [how: string, code: string]>]> = [
    [
      "exceptions and rejections",
      [
        ["throw", "API_KEY_REJECTED"],
        ["throw wrapped", "ISSUER_UNAVAILABLE"],
        ["reject", "API_KEY_SOURCE_FAILED"]
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

  it.each(doors)("SEC-1: processes that die of %s print no key and no token", async (_, deaths) => {
    await Promise.all(
      deaths.map(async ([how, code]) => {
        const { code: exit, output, secrets } = await run(crashing, { HOW: how, CODE: code })
        assertNoSecrets(output, secrets)
        expect([how, exit]).toEqual([how, 1])
        expect(output).toContain(code)
      })
    )
  })
})
