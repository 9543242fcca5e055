import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { printed } from "./support/parse.ts"

const oauth2 = {
  type: "oauth2",
  baseUrl: "https://api.example.test",
  tokenEndpoint: "https://login.example.test/token",
  client: { id: "app" },
  grant: { type: "client_credentials" }
}
const grant = { type: "refresh_token", id: "acme" }
const key = "kept for the tests, 32 characters"

describe("messages name what a person at a shell can change", () => {
  let home = ""
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "tokenkeep-cli-"))
    for (const name of ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"]) vi.stubEnv(name, home)
    vi.stubEnv("DEEPLY_API_KEY", "")
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(home, { recursive: true })
  })

  /** Names that only a program has. */
  const forPrograms = /The option|\bedge\(|createOAuth2|Storage\b|replaceGrant|grant\.refreshToken|apiKey\b/

  const expectAdvice = async (args: ReadonlyArray<string>, ...expected: ReadonlyArray<string>) => {
    const { code, text } = await printed(args, new AbortController().signal)
    expect(code).not.toBe(0)
    for (const each of expected) expect(text).toContain(each)
    expect(text).not.toMatch(forPrograms)
  }

  it.each([
    [{ DEEPLY_HOST: "127.0.0.1:8100" }, "DEEPLY_HOST is not"],
    [{ DEEPLY_HOST: "http://192.168.0.10" }, 'allow plain http to this host: "edge:192.168.0.10'],
    [{ DEEPLY_API_KEY: "sk-0123456789abcdef", REDIS_URL: "localhost" }, "REDIS_URL is not"],
    [{ DEEPLY_API_KEY: "sk-0123456789abcdef", TOKENKEEP_ENCRYPTION_KEY: "short" }, "TOKENKEEP_ENCRYPTION_KEY"],
    [{ TOKENKEEP_PROFILE: "crm" }, "TOKENKEEP_PROFILE names a profile that does not exist."]
  ])("for the environment %j: %s", async (env, what) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    await expectAdvice(["token"], what)
  })

  it.each<[settings: object, ...expected: ReadonlyArray<string>]>([
    [{}, "client secret for the profile crm.", "run tokenkeep login --profile crm"],
    [{ client: { id: "app", secret: { env: "CRM_SECRET" } } }, "Set CRM_SECRET, or run tokenkeep login"],
    [
      { client: { id: "app", secret: { env: "CRM_SECRET" } }, grant, encryptionKey: { env: "KEY" } },
      "There is no client secret for the profile crm.",
      "Set CRM_SECRET."
    ],
    [
      { client: { id: "app", method: "none" }, grant, encryptionKey: { env: "KEY" } },
      "GRANT_MISSING",
      "run tokenkeep login --profile crm"
    ],
    [{ client: { id: "app", method: "none" }, grant }, "set TOKENKEEP_ENCRYPTION_KEY to the output of"],
    [
      { client: { id: "app", method: "none" }, grant, storage: { type: "memory" }, encryptionKey: { env: "KEY" } },
      'Use a storage of type "file" or "redis".'
    ],
    [{ tokenEndpoint: undefined }, "profile crm: issuer is missing, and so is tokenEndpoint", "Set one of them."],
    [{ baseUrl: "http://api.example.test" }, '"allowInsecureHttp": true in the profile'],
    [{ client: { id: "app", privateKey: { env: "NO_KEY" } } }, "client.privateKey of the profile names"],
    [{ client: { id: "app", privateKey: { env: "BROKEN_KEY" } } }, "is not JSON"],
    [{ storage: { type: "file", directory: "tokens" } }, "Set storage.directory"]
  ])("for the profile %j: %s", async (settings, ...expected) => {
    const file = join(home, "config.json")
    writeFileSync(file, JSON.stringify({ profiles: { crm: { ...oauth2, ...settings } } }))
    vi.stubEnv("KEY", key)
    vi.stubEnv("BROKEN_KEY", '{"kty":"sk-canary-0123456789"')
    await expectAdvice(["token", "--config", file], ...expected)
  })
})
