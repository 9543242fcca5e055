import { assertNoSecrets } from "@tokenkeep/core/testing"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { listen, secret, startRefreshIssuer } from "oauth2-issuer"
import { freePort, startServer } from "redis-servers"
import { describe, expect, it } from "vitest"
import { cli, temporaryHome } from "./support/startCli.ts"
import { startTls } from "./support/tlsServer.ts"
import { withFake } from "./support/withFake.ts"

interface Options {
  readonly home: string
  readonly env: Readonly<Record<string, string>>
}

interface Finding {
  readonly check: string
  readonly state: string
  readonly what: string
  readonly fix?: string
  readonly page?: string
}

const diagnose = async ({ env, home }: Options, more: Record<string, string> = {}) => {
  const { code, stderr, stdout } = await cli(["doctor", "--format", "json"], { home, env: { ...env, ...more } })
  const { findings } = JSON.parse(stdout || "{}") as { findings?: ReadonlyArray<Finding> }
  const of = (check: string) => findings?.find((each) => each.check.startsWith(check))
  return { code, stderr, stdout, findings: findings ?? [], of, states: new Set(findings?.map(({ state }) => state)) }
}

describe("tokenkeep doctor", () => {
  it("finds nothing wrong with a good profile, and shows no secret", async () => {
    await using given = await withFake()
    const { code, states, stdout } = await diagnose(given.options)
    expect([...states]).toEqual(["ok"])
    expect(code).toBe(0)
    expect(given.fake.stats.tokenRequests).toBe(1)
    const table = await cli(["doctor"], given.options)
    expect(table.stdout).toMatch(/^ok +secret: API key, from variable DEEPLY_API_KEY$/m)
    expect(table.stdout).toMatch(/\n\d+ ok, 0 warnings, 0 failed, 0 not checked\n$/)
    expect(table.code).toBe(0)
    // A second one asks the server again, although there is a good token.
    expect(given.fake.stats.tokenRequests).toBe(2)
    assertNoSecrets(stdout + table.stdout, [given.fake.apiKey])
  })

  it.each([
    ["is absent", undefined, "API_KEY_MISSING"],
    ["is quoted", '"sk-canary-0123456789abcdef"', "API_KEY_MALFORMED"]
  ])("says that the key %s, and checks the rest but the token", async (_, key, code) => {
    await using given = await withFake()
    const { DEEPLY_API_KEY: __, ...env } = given.options.env
    const found = await diagnose({ ...given.options, env }, key === undefined ? {} : { DEEPLY_API_KEY: key })
    expect(found.code).toBe(1)
    expect(found.of("secret")).toMatchObject({ state: "failed", what: expect.stringContaining(code) })
    expect(found.of("secret")?.page).toContain(`docs/errors.md#${code}`)
    expect(found.of("response")?.state).toBe("ok")
    expect(found.of("token")).toMatchObject({ state: "not checked", what: "it needs: secret" })
    assertNoSecrets(found.stdout, ["sk-canary-0123456789abcdef"])
  })

  it("says that the server does not accept the key", async () => {
    await using given = await withFake()
    given.fake.revokeKey()
    const found = await diagnose(given.options)
    expect(found.code).toBe(1)
    expect(found.findings.filter(({ state }) => state !== "ok").map(({ check }) => check)).toEqual(["token"])
    expect(found.of("token")?.what).toContain("API_KEY_REJECTED")
  })

  it("stops at the first step to a host that fails", async () => {
    await using given = await withFake()
    const unknown = await diagnose(given.options, { DEEPLY_HOST: "https://no-such-host.invalid" })
    expect(unknown.of("DNS")).toMatchObject({ state: "failed", page: expect.stringContaining("#doctor-host") })
    expect(["TCP", "TLS", "response", "clock", "token"].map((check) => unknown.of(check)?.state)).toEqual(
      Array.from({ length: 5 }, () => "not checked")
    )
    const closed = await diagnose(given.options, { DEEPLY_HOST: `http://127.0.0.1:${await freePort()}` })
    expect(closed.of("DNS")?.state).toBe("ok")
    expect(closed.of("TCP")?.what).toContain("ECONNREFUSED")
    expect(closed.of("token")?.state).toBe("not checked")
    expect(closed.code).toBe(1)
  })

  it.each([
    ["has expired", { from: -30, until: -1 }, "failed", "CERT_HAS_EXPIRED"],
    ["is not valid yet", { from: 1, until: 30 }, "failed", "CERT_NOT_YET_VALID"],
    ["is for another host", { from: -1, until: 30, name: "other.test" }, "failed", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["expires soon", { from: -1, until: 5 }, "warning", "expires in 4 d"],
    ["is good", { from: -1, until: 90 }, "ok", "expires in 89 d"]
  ])("says that a trusted certificate %s", async (_, validity, state, what) => {
    await using server = await startTls(validity)
    await using given = await withFake()
    const found = await diagnose(given.options, { DEEPLY_HOST: server.url, NODE_EXTRA_CA_CERTS: server.cert })
    expect(found.of("TLS")).toMatchObject({ state, what: expect.stringContaining(what) })
    expect(found.of("TLS")?.what).toContain(
      new Date(Date.now() + validity.until * 86_400_000).toISOString().slice(0, 10)
    )
    expect(found.of("response")?.state).toBe(state === "failed" ? "not checked" : "ok")
  })

  it("says that a certificate is not trusted", async () => {
    await using server = await startTls({ from: -1, until: 90 })
    await using given = await withFake()
    const tls = (await diagnose(given.options, { DEEPLY_HOST: server.url })).of("TLS")
    expect(tls?.what).toContain("SELF_SIGNED_CERT")
    expect(tls?.fix).toContain("NODE_EXTRA_CA_CERTS")
  })

  it.each([
    ["a wrong path", 404, "application/json", "has no API"],
    ["a portal", 200, "text/html", "is a page and not the API"],
    ["a failing server", 503, "text/plain", "responds with 503"],
    ["a redirect", 302, "text/html", "redirects to https://elsewhere.test"]
  ])("finds %s", async (_, status, type, what) => {
    await using server = await listen(
      (__, response) =>
        void response
          .writeHead(status, { "content-type": type, location: "https://elsewhere.test/x?token=canary" })
          .end("{}")
    )
    await using given = await withFake()
    const found = await diagnose(given.options, { DEEPLY_HOST: server.url })
    expect(found.of("response")).toMatchObject({ state: "failed", what: expect.stringContaining(what) })
    expect(found.stdout).not.toContain("canary")
    expect(found.of("token")?.state).toBe("not checked")
  })

  it.each([
    [60, "warning", /[56]\d s behind/],
    [-60, "warning", /[56]\d s ahead of/],
    [1, "ok", /or less/]
  ])("compares the clock with a server that is %i s ahead", async (ahead, state, what) => {
    await using server = await listen((_, response) => {
      response.setHeader("date", new Date(Date.now() + ahead * 1_000).toUTCString())
      response.writeHead(403, { "content-type": "application/json" }).end("{}")
    })
    await using given = await withFake()
    const clock = (await diagnose(given.options, { DEEPLY_HOST: server.url })).of("clock")
    // A Date has whole seconds, and the response takes as long as the machine is busy.
    expect(clock).toMatchObject({ state, what: expect.stringMatching(what) })
  })

  it("warns that Node ignores a proxy, and leaves the host to one that is used", async () => {
    await using given = await withFake()
    const ignored = await diagnose(given.options, { HTTP_PROXY: "http://user:pw-canary@127.0.0.1:9" })
    expect(ignored.of("proxies")).toMatchObject({
      state: "warning",
      fix: expect.stringContaining("NODE_USE_ENV_PROXY=1")
    })
    expect(ignored.stdout).not.toContain("pw-canary")
    expect(ignored.code).toBe(0)
    const used = { HTTP_PROXY: given.fake.url, NODE_USE_ENV_PROXY: "1" }
    const plain = await diagnose(given.options, { ...used, DEEPLY_HOST: "edge:192.0.2.7" })
    expect(plain.of("proxies")?.what).toContain("The proxy sees the secret")
    expect(plain.of("DNS")?.what).toContain("the proxy does it")
    const excluded = await diagnose(given.options, { ...used, NO_PROXY: "127.0.0.1" })
    expect([...excluded.states]).toEqual(["ok"])
  })

  it("finds a directory that others may write to, and no lease there", async () => {
    await using given = await withFake()
    const directory = join(given.options.home, ".local/state/tokenkeep")
    mkdirSync(directory, { recursive: true })
    chmodSync(directory, 0o777)
    const found = await diagnose(given.options)
    expect(found.of("storage")).toMatchObject({ state: "failed", fix: `Run chmod 700 ${directory}` })
    expect(found.of("lease")?.state).toBe("not checked")
    // Without its storage, a client still gets a token.
    expect(found.of("token")?.state).toBe("ok")
    expect(found.code).toBe(1)
  })

  it("checks a Redis: reachable, persistence, eviction, replicas", async () => {
    await using given = await withFake()
    await using primary = await startServer()
    await using replica = await startServer({ config: { replicaof: `127.0.0.1 ${primary.port}` } })
    const good = await diagnose(given.options, { REDIS_URL: primary.url })
    expect([...good.states]).toEqual(["ok"])
    expect(good.of("persistence")?.what).toContain("That is enough for access tokens")
    expect(good.of("lease")?.what).toContain("a lease was taken and released")
    const readOnly = await diagnose(given.options, { REDIS_URL: replica.url })
    expect(readOnly.of("replicas")?.what).toContain("is a replica")
    expect(readOnly.of("lease")?.state).toBe("failed")
    const url = primary.url.replace("redis://", "redis://user:pw-canary-0123456789@")
    const denied = await diagnose(given.options, { REDIS_URL: url })
    expect(denied.of("storage")?.what).toContain("WRONGPASS")
    assertNoSecrets(denied.stdout, ["pw-canary-0123456789"])
  })

  it("demands a Redis that loses nothing for a refresh token, and does not use that up", async () => {
    await using issuer = await startRefreshIssuer()
    await using redis = await startServer({ config: { "maxmemory-policy": "allkeys-lru" } })
    using home = temporaryHome()
    const profile = {
      type: "oauth2",
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret: { env: "APP_SECRET" } },
      grant: { type: "refresh_token", id: "acme" },
      storage: { type: "redis" }
    }
    writeFileSync(join(home.path, "tokenkeep.config.json"), JSON.stringify({ profiles: { acme: profile } }))
    const env = {
      APP_SECRET: secret,
      REDIS_URL: redis.url,
      TOKENKEEP_ENCRYPTION_KEY: "kept for the tests, 32 characters"
    }
    const options = { home: home.path, env }
    await cli(["login"], { ...options, input: (await issuer.consent()).refreshToken })
    const lossy = await diagnose(options)
    expect(lossy.of("persistence")).toMatchObject({ state: "failed", fix: expect.stringContaining("appendonly yes") })
    expect(lossy.of("eviction")).toMatchObject({ state: "failed", fix: expect.stringContaining("noeviction") })
    expect(lossy.of("token")?.what).toContain("the grant is ok")
    expect(lossy.findings.filter(({ check }) => check.startsWith("DNS"))).toHaveLength(2)

    await redis.command("CONFIG", "SET", "appendonly", "yes")
    await redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    expect([...(await diagnose(options)).states]).toEqual(["ok"])
    expect(issuer.rotations()).toBe(1)
  })
})
