import type { Fault } from "../../packages/providers/deeply/src/testing/index.ts"
import type { Cases } from "../cases.ts"
import { holds, holdsNot, is } from "./checks.ts"
import { reaching, type Stage } from "./Stage.ts"

const refusal = (message: string): Fault => ({ on: "general", times: 2, status: 401, body: { detail: { message } } })

const refusals: Readonly<Record<string, Fault>> = {
  TOKEN_EXPIRED: refusal("Authentication token expired. Please reissue a new token to renew your session."),
  TOKEN_INVALID: refusal("Invalid token."),
  TOKEN_MISSING: { on: "general", dropAuthorization: true }
}

export const plainPromise = (stage: Stage): Cases => {
  const app = () => stage.app("plain-promise")
  const reads = async (): Promise<void> => {
    await using server = await stage.server()
    const { stdout } = await app().start(reaching(server)).ended()
    holds(stdout, `reading from ${server.url}`, "page 3 of 3: 20 of 100 events", "the client is disposed")
    const { apiKeyLeaks, issueCalls, requests } = server.stats
    is("the number of issue calls, requests and leaks", [issueCalls, requests, apiKeyLeaks], [1, 4, 0])
  }
  const explains = async (): Promise<void> => {
    await using server = await stage.server()
    for (const [code, fault] of Object.entries(refusals)) {
      server.script([fault])
      const { stdout } = await app().start(reaching(server)).ended(1)
      holds(stdout, `\n${code}: `, "the client is disposed")
    }
    const { stdout } = await app()
      .start({ ...reaching(server), DEEPLY_API_KEY: "sk-live-refused" })
      .ended(1)
    holds(stdout, "API_KEY_REJECTED: ")
    holdsNot(stdout, "sk-live-refused")
  }
  return {
    "plain-promise does what its README says": () => app().keepsItsReadme(),
    "plain-promise reads from a host of its environment, with one issue call": reads,
    "plain-promise tells each authorization error apart, and ends with 1": explains
  }
}

export const kyClient = (stage: Stage): Cases => {
  const app = () => stage.app("ky-client")
  const logs = async (): Promise<void> => {
    await using server = await stage.server()
    server.script([
      { on: "/api/v1/mics", status: 502 },
      { on: "/api/v1/mics", status: 401, body: { detail: { message: "Invalid token." } } }
    ])
    const { stderr, stdout } = await app().start(reaching(server)).ended()
    holds(stdout, "/api/v1/mics: retry 1 after status 502", "does not hold the token")
    holds(stderr, "HTTPError: ", "request: Request", "'x-app': 'ky-client'")
    holdsNot(stderr, server.apiKey)
    const { apiKeyLeaks, byStatus, issueCalls, replays } = server.stats
    is("issue calls, replays and leaks", [issueCalls, replays, apiKeyLeaks], [2, 1, 0])
    is("the answers by status", byStatus, { 200: 4, 401: 1, 404: 1, 502: 1 })
  }
  const refused = async (): Promise<void> => {
    await using server = await stage.server()
    server.revokeKey()
    const { stderr, stdout } = await app().start(reaching(server)).ended(1)
    holds(stdout, "API_KEY_REJECTED: ")
    holdsNot(stdout + stderr, server.apiKey)
  }
  return {
    "ky-client does what its README says": () => app().keepsItsReadme(),
    "ky-client retries at a host of its environment, and logs an error without a token": logs,
    "ky-client says what to do when the key is refused, and ends with 1": refused
  }
}

export const workerRedis = (stage: Stage, redisUrl: () => string): Cases => {
  const app = () => stage.app("worker-redis")
  const goesOn = async (): Promise<void> => {
    await using server = await stage.server({ rateLimits: false })
    // Holds up the first page of each worker until one of them is dead.
    const { promise: dead, resolve: release } = Promise.withResolvers<void>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    let waiting = 0
    const before = (): Promise<void> => {
      waiting += 1
      if (waiting === 3) arrive()
      return dead
    }
    server.script([{ on: "/api/v1/events", times: 3, before }])
    const program = app().start({ ...reaching(server), REDIS_URL: redisUrl() })
    const victim = Number(await program.prints(/worker 2 is process (\d+)\n/))
    await arrived
    process.kill(victim, "SIGKILL")
    await program.prints(
      /(worker 2 ended with SIGKILL, page \d+ is read by another process\nworker 2 is process \d+\n)/
    )
    release()
    const { stdout } = await program.ended()
    holds(stdout, "100 events on 20 pages, read by 3 workers")
    is("the number of issue calls", server.stats.issueCalls, 1)
  }
  const refuses = async (): Promise<void> => {
    await using server = await stage.server({ rateLimits: false })
    const { stdout } = await app()
      .start({ ...reaching(server), REDIS_URL: "redis://127.0.0.1:1" })
      .ended(1)
    holds(stdout, "STORAGE_FAILED: ")
    is("the number of issue calls", server.stats.issueCalls, 0)
  }
  return {
    "worker-redis does what its README says": () => app().keepsItsReadme({ REDIS_URL: redisUrl() }),
    "worker-redis goes on when a worker is killed, with the same token": goesOn,
    "worker-redis ends with 1 without a Redis, and has no token issued": refuses
  }
}
