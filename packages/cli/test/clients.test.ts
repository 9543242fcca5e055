import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { secret, startRefreshIssuer } from "oauth2-issuer"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { findRedis, startServer } from "redis-servers"
import { describe, expect, it } from "vitest"
import { cli, temporaryHome } from "./support/startCli.ts"

const encryptionKey = "an encryption key of 32 or more characters"

describe("a profile of OAuth2", () => {
  it("GRANT-1: uses one refresh token for all calls, replaced at each use and sealed", async () => {
    await using issuer = await startRefreshIssuer({ lifetime: 1 })
    using home = temporaryHome()
    const { refreshToken } = await issuer.consent()
    writeFileSync(
      join(home.path, "tokenkeep.config.json"),
      JSON.stringify({
        profiles: {
          crm: {
            type: "oauth2",
            baseUrl: issuer.api,
            issuer: issuer.issuer,
            client: { id: "app", secret: { env: "CRM_SECRET" } },
            grant: { type: "refresh_token", id: "acme", refreshToken: { env: "CRM_CONSENT" }, scope: "read" }
          }
        }
      })
    )
    const env = { CRM_SECRET: secret, CRM_CONSENT: refreshToken, TOKENKEEP_ENCRYPTION_KEY: encryptionKey }
    const call = () => cli(["request", "GET", "/"], { home: home.path, env })
    for (const _ of [1, 2, 3]) {
      const { code, stderr, stdout } = await call()
      expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: "", stdout: '{"scope":"read"}' })
      // The access token lasts a second, and the server counts whole seconds.
      await new Promise((resolve) => setTimeout(resolve, 2_100))
    }
    // A call whose token expired before it arrived, as on a slow disk, gets another one.
    expect(new Set(issuer.events)).toEqual(new Set(["exchanged"]))
    expect(issuer.rotations()).toBeGreaterThanOrEqual(3)
    const { TOKENKEEP_ENCRYPTION_KEY: _, ...unsealed } = env
    const refused = await cli(["token"], { home: home.path, env: unsealed })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain("encryptionKey")
  })
})

describe("the storage of a profile", () => {
  it("is a file by default, which an application shares", async () => {
    await using fake = await startFakeDeeply()
    using home = temporaryHome()
    const env = { DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url, XDG_STATE_HOME: join(home.path, "state") }
    expect((await cli(["token"], { home: home.path, env })).code).toBe(0)
    expect(readdirSync(join(home.path, "state", "tokenkeep")).length).toBeGreaterThan(0)
  })

  it.skipIf(findRedis() === undefined)("is Redis with REDIS_URL", async () => {
    await using fake = await startFakeDeeply()
    await using redis = await startServer()
    using home = temporaryHome()
    const env = { DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url, REDIS_URL: redis.url }
    const tokens = []
    for (const _ of [1, 2]) tokens.push((await cli(["token", "--reveal"], { home: home.path, env })).stdout)
    expect(tokens[0]).toBe(tokens[1])
    expect(fake.stats.issued).toBe(1)
    expect(existsSync(join(home.path, ".local"))).toBe(false)
  })

  it("is explained if Redis is away", async () => {
    await using fake = await startFakeDeeply()
    using home = temporaryHome()
    const env = { DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url, REDIS_URL: "redis://127.0.0.1:1" }
    const { code, stderr, stdout } = await cli(["token", "--format", "json"], { home: home.path, env })
    // As in an application: the token is requested without the storage.
    expect({ code, source: JSON.parse(stdout).source }).toEqual({ code: 0, source: "issued" })
    expect(stderr).toMatch(/^tokenkeep: the storage failed, so the token is not shared: .+ECONNREFUSED/)
  })
})
