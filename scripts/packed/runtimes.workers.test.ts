// RUN-4, TOK-5: one client in module scope serves all requests of a real worker.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, onTestFinished } from "vitest"
import { parsePage } from "../../test/docs/Markdown.ts"
import { until } from "../../test/redis/src/until.ts"
import { root } from "../root.ts"
import { it as base } from "./fixtures.ts"
import { bundleProgram } from "./runtimes/bundleProgram.ts"
import { startWorker } from "./runtimes/startWorkerd.ts"

/** Before and after workerd learned to continue a promise in the request that created it. */
const compatibilityDates = ["2024-09-01", "2026-11-01"]

const it = base.extend("start", { scope: "file" }, ({ project, testing, tools }) => {
  const bundles = new Map<string, Promise<string>>()
  const bundle = (program: string) =>
    bundles.get(program) ??
    bundles.set(program, bundleProgram(project.directory, `workers/${program}.js`)).get(program)!
  let started = 0

  /** Starts a fake server, and a worker with a cold client for it. Both end with the test. */
  return async ([program, compatibilityDate]: readonly [string, string], options: object = {}) => {
    const fake = await testing.startFakeDeeply({ rateLimits: false })
    onTestFinished(() => fake.close())
    const { apiKey, host, url } = fake
    const env = {
      DEEPLY_API_KEY: apiKey,
      DEEPLY_HOST: url,
      OPTIONS: JSON.stringify({ apiKey, host, ...options })
    }
    const name = `${program}-${(started += 1)}`
    const code = await bundle(program)
    const worker = await startWorker(tools.workerd, project.directory, { name, code, env, compatibilityDate })
    onTestFinished(worker.close)

    /** What the worker responds with: a value or an error's code, or a text if workerd responds in its place. */
    const call = async (path: string, init?: RequestInit): Promise<unknown> => {
      const response = await fetch(`${worker.url}/${path}`, init)
      return response.headers.get("content-type") === "application/json" ? response.json() : response.text()
    }
    const five = (path: string) => Promise.all(Array.from({ length: 5 }, () => call(path)))
    return { call, fake, five }
  }
})

const five = <A>(value: A): ReadonlyArray<A> => Array.from({ length: 5 }, () => value)

const dueAfter3s = { renewal: { assumedLifetime: 6_000, window: 3_000, jitter: 0 } }

const workers = ["deeply", "tokenkeep", "effect"].flatMap((program) =>
  compatibilityDates.map((date) => [program, date] as const)
)

describe.for(workers)("a client of %s in a worker of %s", (worker) => {
  it("serves five requests at once from cold, with one token request", async ({ start }) => {
    const { fake, five: fiveCalls } = await start(worker)
    fake.script([{ on: "token-request", delay: 200 }])
    expect(await fiveCalls("get")).toEqual(five(200))
    expect(fake.stats.tokenRequests).toBe(1)
  })

  it("serves five calls of one request from cold, with one token request", async ({ start }) => {
    const { call, fake } = await start(worker)
    fake.script([{ on: "token-request", delay: 200 }])
    expect(await call("getFiveTimes")).toEqual(five(200))
    expect(fake.stats.tokenRequests).toBe(1)
  })

  it("serves five requests with an expired token, with one token request", async ({ start }) => {
    const { call, fake, five: fiveCalls } = await start(worker)
    expect(await call("get")).toBe(200)
    fake.expireTokens()
    fake.script([{ on: "token-request", delay: 200 }])
    expect(await fiveCalls("get")).toEqual(five(200))
    expect(fake.stats.tokenRequests).toBe(2)
  })

  it("fails five requests with a key that is rejected, with one token request", async ({ start }) => {
    const { fake, five: fiveCalls } = await start(worker, { apiKey: "sk-unknown" })
    fake.script([{ on: "token-request", delay: 200, status: 401 }])
    expect(await fiveCalls("get")).toEqual(five("API_KEY_REJECTED"))
    expect(fake.stats.tokenRequests).toBe(1)
  })

  it("serves five typed calls from cold, and the token to every request", async ({ start }) => {
    const { fake, five: fiveCalls } = await start(worker)
    fake.script([{ on: "token-request", delay: 200 }])
    expect(await fiveCalls("list")).toEqual(five(1))
    expect(new Set(await fiveCalls("token")).size).toBe(1)
    expect(fake.stats.tokenRequests).toBe(1)
  })

  it("serves later requests after a caller's timeout ended the request that was renewing", async ({ start }) => {
    const { call, fake, five: fiveCalls } = await start(worker)
    fake.script([{ on: "token-request", hang: true }])
    const waiting = call("get?timeout=500")
    await until("the token request is sent", () => fake.stats.tokenRequests === 1)
    const others = fiveCalls("get")
    expect(await Promise.all([waiting, others])).toEqual(["TimeoutError", five(200)])
    expect(await fiveCalls("get")).toEqual(five(200))
    expect(fake.stats.tokenRequests).toBe(2)
  })

  it("serves later requests after the peer of the request that was renewing went away", async ({ start }) => {
    const { call, fake, five: fiveCalls } = await start(worker)
    fake.script([{ on: "token-request", delay: 300 }])
    const peer = new AbortController()
    const waiting = call("get", { signal: peer.signal }).catch(() => "gone")
    await until("the token request is sent", () => fake.stats.tokenRequests === 1)
    peer.abort()
    expect(await waiting).toBe("gone")
    expect(await fiveCalls("get")).toEqual(five(200))
    expect(await fiveCalls("get")).toEqual(five(200))
  })

  it("finishes a renewal with waitUntil, whatever happens to the request that started it", async ({ start }) => {
    const { call, fake, five: fiveCalls } = await start(worker, { withWaitUntil: true })
    fake.script([{ on: "token-request", delay: 500 }])
    const peer = new AbortController()
    const waiting = call("get", { signal: peer.signal }).catch(() => "gone")
    await until("the token request is sent", () => fake.stats.tokenRequests === 1)
    peer.abort()
    expect(await waiting).toBe("gone")
    expect(await call("get?timeout=50")).toBe("TimeoutError")
    expect(await fiveCalls("get")).toEqual(five(200))
    expect(fake.stats.tokenRequests).toBe(1)
  })

  it("renews in the background with waitUntil, after the request that started it has ended", async ({ start }) => {
    const { call, fake, five: fiveCalls } = await start(worker, { ...dueAfter3s, withWaitUntil: true })
    const first = await call("token")
    const gate = Promise.withResolvers<void>()
    fake.script([{ on: "token-request", before: () => gate.promise }])
    await until("the renewal starts", async () => {
      expect(await call("get")).toBe(200)
      return fake.stats.tokenRequests === 2
    })
    expect(await call("peek")).toBe(first)
    gate.resolve()
    await until("the token is issued", () => fake.stats.issued === 2)
    await until("the token is renewed", async () => (await call("peek")) !== first)
    expect(await fiveCalls("get")).toEqual(five(200))
    expect(fake.stats.unauthorized).toBe(0)
  })

  it("renews in the foreground without waitUntil: one request waits, the others use the token", async ({ start }) => {
    const { call, fake } = await start(worker, dueAfter3s)
    const first = await call("token")
    const gate = Promise.withResolvers<void>()
    fake.script([{ on: "token-request", before: () => gate.promise }])
    const calls: Array<Promise<unknown>> = []
    await until("a request renews", () => {
      calls.push(call("token"))
      return fake.stats.tokenRequests === 2
    })
    expect(await call("token")).toBe(first)
    gate.resolve()
    const tokens = await Promise.all(calls)
    expect(tokens.filter((token) => token !== first)).toHaveLength(1)
    expect(await call("get")).toBe(200)
  })
})

const promiseWorkers = workers.filter(([program]) => program !== "effect")

describe.for(promiseWorkers)("the promise API of %s in a worker of %s", (worker) => {
  it("serves a stream and other requests with an expired token", async ({ start }) => {
    const { call, fake } = await start(worker)
    expect(await call("get")).toBe(200)
    fake.expireTokens()
    fake.script([{ on: "token-request", delay: 200 }])
    const [sent, ...others] = await Promise.all(["sendStream", "get", "get", "sendStream"].map((path) => call(path)))
    expect([sent, others.at(-1)]).toEqual([401, 401])
    expect(others.slice(0, -1)).toEqual([200, 200])
    expect(fake.stats.tokenRequests).toBe(2)
  })

  it("serves five requests with clients of their own over one storage, with one token request", async ({ start }) => {
    const { fake, five: fiveCalls } = await start(worker)
    fake.script([{ on: "token-request", delay: 200 }])
    expect(await fiveCalls("getWithOwnClient")).toEqual(five(200))
    expect(fake.stats.tokenRequests).toBe(1)
  })

  it("serves five requests with an encrypted storage", async ({ start }) => {
    const { fake, five: fiveCalls } = await start(worker, { encryptionKey: "k".repeat(32) })
    expect(await fiveCalls("get")).toEqual(five(200))
    expect(fake.stats.tokenRequests).toBe(1)
  })
})

describe.for(compatibilityDates)("the worker of docs/recipes.md, of %s", (date) => {
  it("serves five requests at once from cold, with one token request", async ({ project, start }) => {
    const { blocks } = parsePage(readFileSync(join(root, "docs/recipes.md"), "utf8"))
    const [{ text } = { text: "" }] = blocks.filter(({ language }) => language === "js")
    writeFileSync(join(project.directory, "workers/recipe.js"), text)
    const { fake, five: fiveCalls } = await start(["recipe", date])
    fake.script([{ on: "token-request", delay: 200 }])
    expect(await fiveCalls("")).toEqual(five({ events: 100 }))
    expect(fake.stats.tokenRequests).toBe(1)
  })
})
