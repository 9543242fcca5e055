import { assertNoSecrets } from "@tokenkeep/core/testing"
import { startServer, until } from "redis-servers"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { cli, temporaryHome } from "./support/startCli.ts"
import { withFake } from "./support/withFake.ts"

const profilesOf = async (home: string, env: Record<string, string>, expected = 0) => {
  const { code, stdout } = await cli(["status", "--format", "json"], { home, env })
  expect(code).toBe(expected)
  return JSON.parse(stdout).profiles
}

describe("tokenkeep status", () => {
  it("shows the token of the storage without a request, also if the API is down", async () => {
    await using given = await withFake()
    const { env, home } = given.options
    const token = JSON.parse((await cli(["token", "--format", "json"], given.options)).stdout)
    await given.fake.close()
    const { requests } = given.fake.stats
    const [profile] = await profilesOf(home, env)
    expect(profile).toMatchObject({
      name: "default",
      kind: "deeply",
      configuration: "the environment",
      baseUrl: given.fake.url,
      secret: { kind: "API key", from: "variable DEEPLY_API_KEY" },
      storage: { type: "file", address: join(home, ".local/state/tokenkeep") },
      token: { state: "good", id: token.id, issuedAt: token.issuedAt, expiresAt: token.expiresAt }
    })
    const { stdout } = await cli(["status"], given.options)
    expect(stdout).toMatch(/^default +deeply +http:.* +variable DEEPLY_API_KEY +file +[0-9a-f]{8} +\d+ s +in \d+ min$/m)
    expect(given.fake.stats.requests).toBe(requests)
    assertNoSecrets(stdout + JSON.stringify(profile), [given.fake.apiKey])
  })

  it("says that there is no token, or none that can be used", async () => {
    await using given = await withFake({ jwt: true, tokenLifetime: 1_000 })
    const { env, home } = given.options
    expect((await profilesOf(home, env))[0].token).toEqual({ state: "none" })
    await cli(["token"], given.options)
    await until("the token has expired", async () => (await profilesOf(home, env))[0].token.state === "unusable")
    expect(given.fake.stats.tokenRequests).toBe(1)
  })

  it("shows all profiles, with what is wrong with each", async () => {
    using home = temporaryHome()
    await using redis = await startServer()
    const folder = join(home.path, ".config/tokenkeep")
    mkdirSync(folder, { recursive: true })
    const oauth2 = { type: "oauth2", baseUrl: "https://api.example.test", issuer: "https://login.example.test" }
    const profiles = {
      lobby: { type: "deeply", apiKey: { file: join(home.path, "absent") } },
      roof: { type: "deeply", host: "http://192.0.2.7:8100" },
      crm: {
        ...oauth2,
        client: { id: "app", secret: { env: "CRM_SECRET" } },
        grant: { type: "client_credentials" },
        storage: { type: "redis", url: { env: "CRM_REDIS" } }
      },
      public: {
        ...oauth2,
        client: { id: "app", method: "none" },
        grant: { type: "refresh_token", id: "acme" },
        storage: { type: "file", directory: join(home.path, "tokens") },
        encryptionKey: { env: "CRM_SECRET" }
      }
    }
    const file = join(folder, "tokenkeep.config.json")
    writeFileSync(file, JSON.stringify({ profiles }))
    const env = {
      CRM_SECRET: "crm-canary-0123456789abcdef0123456",
      CRM_REDIS: redis.url.replace("redis://", "redis://default:pw-canary-0123456789@")
    }
    await redis.command("CONFIG", "SET", "requirepass", "pw-canary-0123456789")
    const found = await profilesOf(home.path, env, 1)
    expect(found).toMatchObject([
      { name: "lobby", configuration: file, problem: { code: "CONFIG_INVALID" } },
      { name: "roof", problem: { code: "INSECURE_ORIGIN" } },
      {
        name: "crm",
        secret: { kind: "client secret", from: "variable CRM_SECRET" },
        storage: { type: "redis", address: redis.url },
        token: { state: "none" }
      },
      { name: "public", secret: { kind: "none", from: "not needed" }, problem: { code: "GRANT_MISSING" } }
    ])
    const { code, stdout } = await cli(["status"], { home: home.path, env })
    expect(code).toBe(1)
    expect(stdout).toContain(`The configuration is from ${file}.`)
    expect(stdout).toContain("roof: INSECURE_ORIGIN")
    assertNoSecrets(stdout + JSON.stringify(found), [env.CRM_SECRET, "pw-canary-0123456789"])
  })

  it.each([
    ["baseUrl", "https://user:pw-canary-0123456789@api.example.test", undefined],
    ["REDIS_URL with one slash too few", "https://api.example.test", "redis:/user:pw-canary-0123456789@host"]
  ])("shows no password in %s", async (_, baseUrl, redisUrl) => {
    using home = temporaryHome()
    const crm = {
      type: "oauth2",
      baseUrl,
      issuer: "https://login.example.test",
      client: { id: "app", secret: { env: "CRM_SECRET" } },
      grant: { type: "client_credentials" }
    }
    writeFileSync(join(home.path, "tokenkeep.config.json"), JSON.stringify({ profiles: { crm } }))
    const env = { CRM_SECRET: "secret-canary-0123456789", ...(redisUrl && { REDIS_URL: redisUrl }) }
    for (const format of ["table", "json"]) {
      const { stderr, stdout } = await cli(["status", "--format", format], { home: home.path, env })
      expect(stdout).toContain("crm")
      assertNoSecrets(stdout + stderr, ["pw-canary-0123456789", env.CRM_SECRET])
    }
  })

  it("refuses a default that names no profile, as other commands do", async () => {
    using home = temporaryHome()
    const profiles = { lobby: { type: "deeply" }, roof: { type: "deeply" } }
    writeFileSync(join(home.path, "tokenkeep.config.json"), JSON.stringify({ default: "loby", profiles }))
    const { code, stderr, stdout } = await cli(["status"], { home: home.path })
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain("names a profile that does not exist. Did you mean lobby?")
  })

  it("says that the storage cannot be read", async () => {
    await using given = await withFake()
    const { home } = given.options
    const env = { ...given.options.env, REDIS_URL: "redis://127.0.0.1:1" }
    const [profile] = await profilesOf(home, env, 1)
    expect(profile.problem.code).toBe("STORAGE_FAILED")
    expect(profile.problem.message).toContain("ECONNREFUSED")
  })
})
