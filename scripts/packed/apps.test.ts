// The sample apps in their runtimes: as their READMEs say, and against a server that sees what they do.
import { globSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect } from "vitest"
import type {
  Fault,
  RunningFakeDeeply,
  StartFakeDeeplyOptions
} from "../../packages/providers/deeply/src/testing/index.ts"
import { App, type Environment } from "./apps/App.ts"
import { it as base } from "./fixtures.ts"
import { serve } from "./serve.ts"

const it = base
  .extend("app", ({ project, task, tools }) => {
    const runtimes = { node: tools.node24, deno: tools.deno, bun: tools.bun }
    return new App(join(project.directory, task.suite?.name ?? ""), runtimes)
  })
  .extend("serverOptions", {} as StartFakeDeeplyOptions)
  .extend("server", async ({ serverOptions, testing }, { onCleanup }) => {
    const server = await testing.startFakeDeeply(serverOptions)
    onCleanup(() => server.close())
    return server
  })

/** The environment in which an app reaches a server. */
const reaching = ({ apiKey, url }: RunningFakeDeeply): Environment => ({ DEEPLY_API_KEY: apiKey, DEEPLY_HOST: url })

describe("plain-promise", () => {
  it("does what its README says", ({ app }) => app.followReadme())

  it("reads from a host of its environment, with one token request", async ({ app, server }) => {
    const { stdout } = await app.start(reaching(server)).ended()
    expect(stdout).toContain(`reading from ${server.url}`)
    expect(stdout).toContain("page 3 of 3: 20 of 100 events")
    expect(stdout).toContain("the client is disposed")
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 4, apiKeyLeaks: 0 })
  })

  const refusal = (message: string): Fault => ({ on: "general", times: 2, status: 401, body: { detail: { message } } })
  it.for([
    ["TOKEN_EXPIRED", refusal("Authentication token expired. Please reissue a new token to renew your session.")],
    ["TOKEN_INVALID", refusal("Invalid token.")],
    ["TOKEN_MISSING", { on: "general", dropAuthorization: true }]
  ] as const)("explains %s, and ends with 1", async ([code, fault], { app, server }) => {
    server.script([fault])
    const { stdout } = await app.start(reaching(server)).ended(1)
    expect(stdout).toContain(`\n${code}: `)
    expect(stdout).toContain("the client is disposed")
  })

  it("explains API_KEY_REJECTED without printing the key, and ends with 1", async ({ app, server }) => {
    const { stdout } = await app.start({ ...reaching(server), DEEPLY_API_KEY: "sk-live-refused" }).ended(1)
    expect(stdout).toContain("API_KEY_REJECTED: ")
    expect(stdout).not.toContain("sk-live-refused")
  })
})

describe("ky-client", () => {
  it("does what its README says", ({ app }) => app.followReadme())

  it("retries at a host of its environment, and logs an error without a token", async ({ app, server }) => {
    server.script([
      { on: "/api/v1/mics", status: 502 },
      { on: "/api/v1/mics", status: 401, body: { detail: { message: "Invalid token." } } }
    ])
    const { stderr, stdout } = await app.start(reaching(server)).ended()
    expect(stdout).toContain("/api/v1/mics: retry 1 after status 502")
    expect(stdout).toContain("does not hold the token")
    for (const part of ["HTTPError: ", "request: Request", "'x-app': 'ky-client'"]) expect(stderr).toContain(part)
    expect(stderr).not.toContain(server.apiKey)
    expect(server.stats).toMatchObject({ tokenRequests: 2, replays: 1, apiKeyLeaks: 0 })
    expect(server.stats.byStatus).toEqual({ 200: 4, 401: 1, 404: 1, 502: 1 })
  })

  it("says what to do when the key is rejected, and ends with 1", async ({ app, server }) => {
    server.revokeKey()
    const { stderr, stdout } = await app.start(reaching(server)).ended(1)
    expect(stdout).toContain("API_KEY_REJECTED: ")
    expect(stdout + stderr).not.toContain(server.apiKey)
  })
})

describe("effect-service", () => {
  it("does what its README says", ({ app }) => app.followReadme())

  it("completes open requests after SIGTERM, exports its telemetry, and ends with 0", async ({
    app,
    server,
    testing
  }) => {
    let exported = ""
    await using collector = await serve(testing, async (request) => {
      exported += await request.text()
      return Response.json({})
    })
    const arrived = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    server.script([{ on: "/api/v1/events", before: () => (arrived.resolve(), gate.promise) }])
    const service = await app.listen({ ...reaching(server), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    const response = service.get("/loudest")
    await arrived.promise
    service.program.signal("SIGTERM")
    await service.refusesConnections()
    gate.resolve()
    expect(await response).toContain("event-7: Female scream")
    const { stdout } = await service.program.ended()
    expect(stdout).toContain("stopped")
    for (const part of ["effect-service", "tokenkeep.renew", "tokenkeep_token_requests", "http.route"]) {
      expect(exported).toContain(`"${part}"`)
    }
    for (const secret of [server.apiKey, "dt_"]) expect(exported + stdout).not.toContain(secret)
    expect(server.stats).toMatchObject({ tokenRequests: 1, apiKeyLeaks: 0 })
  })

  it("responds with the code when the key is rejected", async ({ app, server }) => {
    server.revokeKey()
    const service = await app.listen(reaching(server))
    expect(await service.get("/loudest")).toBe('{"error":"API_KEY_REJECTED"}')
    const { stderr, stdout } = await service.stop()
    expect(stdout).toContain("API_KEY_REJECTED: ")
    expect(stdout + stderr).not.toContain(server.apiKey)
  })

  it("does not start with a host that is plain http", async ({ app }) => {
    const env = { DEEPLY_API_KEY: "sk-live-1", DEEPLY_HOST: "http://192.0.2.7" }
    const { stderr, stdout } = await app.start(env).ended(1)
    expect(stdout + stderr).toContain("http://192.0.2.7 is plain http")
  })
})

/** A permission for several values with each of them left out, or nothing where it was for one value. */
const withOneLess = (arg: string): ReadonlyArray<ReadonlyArray<string>> => {
  if (!arg.startsWith("--allow-")) return []
  const [flag, list = ""] = arg.split("=")
  const values = list.split(",")
  if (values.length === 1) return [[]]
  return values.map((_, index) => [`${flag}=${values.toSpliced(index, 1).join(",")}`])
}

describe("deno-edge", () => {
  it("does what its README says, with the permissions that it lists", ({ app }) => app.followReadme())

  it("reaches an edge server of its environment", async ({ app, server }) => {
    const service = await app.listen({ ...reaching(server), DEEPLY_HOST: server.url.replace("http://", "edge:") })
    expect(await service.get("/health")).toBe('{"host":"edge","token":"empty"}')
    expect(await service.get("/mics")).toContain("Rooftop: inactive")
    server.expireTokens()
    expect(await service.get("/mics")).toContain("Rooftop: inactive")
    server.revokeTokens()
    server.revokeKey()
    expect(await service.get("/mics")).toBe('{"error":"API_KEY_REJECTED"}')
    const { stderr } = await service.stop()
    expect(stderr).toMatch(/^[^\n]*API_KEY_REJECTED: [^\n]*\n$/)
    expect(server.stats).toMatchObject({ issued: 2, apiKeyLeaks: 0 })
  })

  it("needs each of these permissions, and its error names the missing one", async ({ app, server }) => {
    for (const [index, arg] of app.args.entries()) {
      for (const lesser of withOneLess(arg)) {
        const args = app.args.toSpliced(index, 1, ...lesser)
        const { stderr } = await app.start({ ...reaching(server), PORT: "0" }, args).ended(1)
        expect(stderr).toContain(arg.split("=")[0])
      }
    }
  })
})

describe("bun-service", () => {
  it("does what its README says", ({ app }) => app.followReadme())

  it("keeps its token across processes and restarts", async ({ app, server, work }) => {
    const directory = join(work, "bun-tokens")
    const env = { ...reaching(server), TOKEN_DIRECTORY: directory, TOKEN_ENCRYPTION_KEY: "k".repeat(32) }
    const services = await Promise.all([app.listen(env), app.listen(env)])
    for (const service of services) expect(await service.get("/events/glass_break")).toContain('"total":4')
    for (const service of services) await service.stop()
    const restarted = await app.listen(env)
    expect(await restarted.get("/events/glass_break")).toContain('"total":4')
    await restarted.stop()
    expect(server.stats.tokenRequests).toBe(1)
    const files = globSync("**/*", { cwd: directory, withFileTypes: true }).filter((entry) => entry.isFile())
    const modes = files.map(({ name, parentPath }) => statSync(join(parentPath, name)).mode & 0o777)
    expect(new Set(modes), "the modes of its files").toEqual(new Set([0o600]))
  })
})

describe("worker-redis", () => {
  it.override({ serverOptions: { rateLimits: false } })

  it("does what its README says", ({ app, redis }) => app.followReadme({ REDIS_URL: redis }))

  it("goes on when a worker is killed, with the same token", async ({ app, redis, server }) => {
    // The first page of each worker waits until one of them is dead.
    const arrived = Promise.withResolvers<void>()
    const dead = Promise.withResolvers<void>()
    let waiting = 0
    const before = (): Promise<void> => {
      waiting += 1
      if (waiting === 3) arrived.resolve()
      return dead.promise
    }
    server.script([{ on: "/api/v1/events", times: 3, before }])
    const program = app.start({ ...reaching(server), REDIS_URL: redis })
    const victim = Number(await program.prints(/worker 2 is process (\d+)\n/))
    await arrived.promise
    process.kill(victim, "SIGKILL")
    await program.prints(
      /(worker 2 ended with SIGKILL, page \d+ is read by another process\nworker 2 is process \d+\n)/
    )
    dead.resolve()
    const { stdout } = await program.ended()
    expect(stdout).toContain("100 events on 20 pages, read by 3 workers")
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("ends with 1 without a Redis, and requests no token", async ({ app, server }) => {
    const { stdout } = await app.start({ ...reaching(server), REDIS_URL: "redis://127.0.0.1:1" }).ended(1)
    expect(stdout).toContain("STORAGE_FAILED: ")
    expect(server.stats.tokenRequests).toBe(0)
  })
})

describe("oauth2-worker", () => {
  it("does what its README says", ({ app, redis }) => app.followReadme({ REDIS_URL: redis }))

  it("prints the error without a Redis, and ends with 1", async ({ app }) => {
    const { stdout } = await app.start({ REDIS_URL: "redis://127.0.0.1:1" }).ended(1)
    expect(stdout).toContain("STORAGE_FAILED: ")
    expect(stdout).toContain("0 refresh tokens were used")
  })
})
