import { assertNoSecrets } from "@tokenkeep/core/testing"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { rootCommand } from "../src/program/rootCommand.ts"
import { cli, temporaryHome } from "./support/startCli.ts"
import { printed } from "./support/parse.ts"
import { withFake } from "./support/withFake.ts"

const canary = "sk-canary-0123456789abcdef"

const root = rootCommand("0.0.0", AbortSignal.abort())
/** What the commands need besides; a sidecar cannot listen on a directory, so it ends after it has checked all options. */
const required: Record<string, ReadonlyArray<string>> = { request: ["GET", "/"], serve: ["--listen", "/dev"] }

/** Each way to pass a secret to a command by mistake. */
const mistakes = root.commands.flatMap((command) => {
  const start = [command.name(), ...(required[command.name()] ?? [])]
  const values = command.options.filter((option) => option.required)
  return [
    [...start, canary],
    [...start, `x${canary}\n${canary}`, "more"],
    [...start, `--${canary}`],
    [...start, `--api-key=${canary}`],
    [...start, `--quiet=${canary}`],
    [...start, `-x${canary}`],
    ...values.flatMap(({ long }) => [
      [...start, long!, canary],
      [...start, `${long}=it's ${canary}\n${canary}`]
    ])
  ]
})

describe("a secret that is passed as an argument by mistake", () => {
  const home = temporaryHome()
  beforeAll(() => {
    for (const name of ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"]) vi.stubEnv(name, home.path)
    vi.stubEnv("DEEPLY_API_KEY", "a key that is not the canary")
    vi.stubEnv("DEEPLY_HOST", "http://127.0.0.1:1")
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    home[Symbol.dispose]()
  })

  const inServe = [
    ["--listen", `${canary}:8787`],
    ["--listen", `/dev/${canary}/socket`],
    ["--probe", "--listen", `${canary}.localhost:8787`],
    ["--probe", "--listen", `/dev/${canary}`],
    ["--listen", "/dev", "--allow", `GET ${canary}`],
    ["--listen", "/dev", "--allow", "GET /", "--allow", `GET /?key=${canary}`]
  ].map((args) => ["serve", ...args])

  it.each([[canary], [`--${canary}`], ["help", canary], ...mistakes, ...inServe])(
    "is not printed: %j",
    async (...args) => {
      const { code, text } = await printed(args)
      expect(code).not.toBe(0)
      assertNoSecrets(text, [canary])
    }
  )

  it.each([
    ["request", canary, "/"],
    ["request", "POST", "/", "-H", canary],
    ["request", "POST", "/", "-H", `Sünde ${canary}: x`],
    ["request", "POST", "/", "-H", `X-Key: ${canary}\u0001`],
    ["request", "POST", "/", "-H", "A: b", "-H", `Bearer ${canary}`],
    ["request", "POST", "/", "-d", `@${canary}`],
    ["request", "GET", `/nowhere?key=${canary}`],
    ["request", "GET", `http://example.test/${canary}`],
    ["mics", "--config", "/nowhere", "--name", canary]
  ])("is not printed by request: %j", async (...args) => {
    await using given = await withFake()
    const { code, stderr, stdout } = await cli(args, given.options)
    expect(code).not.toBe(0)
    assertNoSecrets(stdout + stderr, [canary])
  })
})
