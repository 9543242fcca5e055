import { answerApi, endpointOf, type Endpoint } from "./FakeApi.ts"
import { answerFault } from "./answerFault.ts"
import {
  expiredToken,
  invalidKey,
  invalidToken,
  json,
  methodNotAllowed,
  noKey,
  noToken,
  rateLimitExceeded
} from "./answers.ts"
import { bearer, FakeCredentials } from "./FakeCredentials.ts"
import { type FakeDeeplyOptions, type Settings, toSettings } from "./FakeDeeplyOptions.ts"
import { FakeRateLimit } from "./FakeRateLimit.ts"
import { type FakeDeeplyStats, FakeRecord, type Visit } from "./FakeRecord.ts"
import type { Fault } from "./Fault.ts"
import { FaultScript } from "./FaultScript.ts"
import { type SampleData, sampleData } from "./SampleData.ts"
import { orAborted, pause } from "./waiting.ts"

/**
 * A Deeply server for tests: it issues, expires, refuses and limits as the real one does, and breaks as scripted.
 * Printing it shows no secret; only reading `apiKey` does.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type FakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const reissue = (fake: FakeDeeply) => {
 *   const headers = { authorization: `Bearer ${fake.apiKey}` }
 *   return fake.handle(new Request("http://fake/api/v1/auth/reissue", { headers }))
 * }
 *
 * const fake = createFakeDeeply()
 * console.log((await reissue(fake)).status) // => 200
 * fake.revokeKey()
 * console.log((await reissue(fake)).status) // => 401
 * fake.rotateKey()
 * console.log((await reissue(fake)).status) // => 200
 * ```
 */
export interface FakeDeeply {
  /** Answers one request, as `fetch` would: it rejects where the connection fails or the request's signal aborts. */
  readonly handle: (request: Request) => Promise<Response>
  /** The current API key, even when it is revoked. */
  readonly apiKey: string
  /** A snapshot of what the server has seen. */
  readonly stats: FakeDeeplyStats
  /** All tokens issued so far are expired: 401, "expired". */
  expireTokens(): void
  /** All tokens issued so far are unknown: 401, "invalid". */
  revokeTokens(): void
  /** The reissue endpoint answers 401 to the current API key. Tokens issued so far stay valid. */
  revokeKey(): void
  /** Revokes the current API key and gives a new one. */
  rotateKey(): string
  /** Adds faults; each request takes the first one that meets it. Faults come before rate limits and authorization. */
  script(faults: readonly Fault[]): void
  /** Forgets the faults that are still to come. */
  clearScript(): void
}

/** How Node, Deno and Bun let an object say how it is printed. */
const printed = Symbol.for("nodejs.util.inspect.custom")

class FakeDeeplyServer implements FakeDeeply {
  readonly #settings: Settings
  readonly #credentials: FakeCredentials
  readonly #limits: FakeRateLimit
  readonly #record: FakeRecord
  readonly #script = new FaultScript()
  #data: SampleData | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    this.#credentials = new FakeCredentials(settings.apiKey, settings)
    this.#limits = new FakeRateLimit(settings.rates)
    this.#record = new FakeRecord(this.#credentials)
  }

  /** A property, so that it also works detached. */
  readonly handle = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted()
    const url = new URL(request.url)
    const endpoint = endpointOf(url.pathname)
    const visit = this.#record.arrive(endpoint.scope, request, url.pathname + url.search)
    try {
      const fault = this.#script.take(endpoint.scope, url.pathname)
      await orAborted(this.#record.readBody(visit, request), request.signal)
      const answer = await this.#decide(request, url, endpoint, fault)
      await pause(endpoint.scope === "issue" ? this.#settings.issueLatency : this.#settings.latency, request.signal)
      return this.#send(visit, request, answer)
    } finally {
      this.#record.leave(visit)
    }
  }

  get apiKey(): string {
    return this.#credentials.apiKey
  }

  get stats(): FakeDeeplyStats {
    return this.#record.snapshot(this.#script.left)
  }

  expireTokens(): void {
    this.#credentials.expireTokens()
  }

  revokeTokens(): void {
    this.#credentials.revokeTokens()
  }

  revokeKey(): void {
    this.#credentials.revokeKey()
  }

  rotateKey(): string {
    return this.#credentials.rotateKey()
  }

  script(faults: readonly Fault[]): void {
    this.#script.add(faults)
  }

  clearScript(): void {
    this.#script.clear()
  }

  /** Even a print that runs getters must not show the key. */
  [printed](): object {
    const { log, ...counts } = this.stats
    return Object.assign({}, this, { stats: { ...counts, log: `${log.length} requests` } })
  }

  async #decide(request: Request, url: URL, endpoint: Endpoint, fault: Fault | undefined): Promise<Response> {
    const scripted = fault === undefined ? undefined : await this.#meet(fault, request.signal)
    if (scripted !== undefined) return scripted
    const now = this.#settings.now()
    const refusal = this.#limits.take(endpoint.name, now)
    if (refusal !== undefined) return rateLimitExceeded(refusal.limit, refusal.reset, now)
    const authorization = fault?.dropAuthorization === true ? null : request.headers.get("authorization")
    return endpoint.scope === "issue"
      ? this.#issue(request.method, authorization)
      : this.#general(request.method, url, authorization)
  }

  async #meet(fault: Fault, signal: AbortSignal): Promise<Response | undefined> {
    await orAborted(Promise.resolve(fault.before?.()), signal)
    await pause(fault.delay ?? 0, signal)
    return answerFault(fault, signal)
  }

  #issue(method: string, authorization: string | null): Response {
    if (method !== "GET") return methodNotAllowed("GET")
    const key = bearer(authorization)
    if (key === undefined) return noKey()
    if (!this.#credentials.acceptsKey(key)) return invalidKey()
    this.#record.issued()
    return json(200, { access_token: this.#credentials.issue() })
  }

  #general(method: string, url: URL, authorization: string | null): Response {
    const token = bearer(authorization)
    if (token === undefined) return noToken()
    const verdict = this.#credentials.judge(token)
    if (verdict !== "valid") return verdict === "expired" ? expiredToken() : invalidToken()
    this.#data ??= sampleData(this.#settings.events, this.#settings.seed)
    return answerApi(method, url, this.#data)
  }

  #send(visit: Visit, request: Request, answer: Response): Response {
    this.#record.answered(visit, answer.status)
    if (request.method !== "HEAD") return answer
    void answer.body?.cancel().catch(() => {})
    return new Response(null, answer)
  }
}

/**
 * Creates a fake Deeply server without a socket: hand `Request`s to `handle`.
 *
 * Where the reference is silent, the fake has chosen: events come newest first, `start` and `end` are included, `name`
 * finds a part of a name in either case, and each limit counts in a window that opens with the first request.
 *
 * @param options - Clock, lifetimes and latencies in milliseconds, limits, sample data: see {@link FakeDeeplyOptions}
 *   for units and defaults. An option that cannot work throws a `TypeError` or a `RangeError`.
 *
 * @example
 * ```ts
 * import { createFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const get = (path: string, credential: string) =>
 *   fake.handle(new Request(`http://fake${path}`, { headers: { authorization: `Bearer ${credential}` } }))
 *
 * const { access_token } = await (await get("/api/v1/auth/reissue", fake.apiKey)).json()
 * const page = await (await get("/api/v1/events?size=2", access_token)).json()
 * console.log(page.total_cnt, page.max_page, page.results.length) // => 100 50 2
 *
 * fake.expireTokens()
 * const refused = await get("/api/v1/events", access_token)
 * console.log(refused.status, (await refused.json()).detail.message)
 * // => 401 Authentication token expired. Please reissue a new token to renew your session.
 * ```
 */
export const createFakeDeeply = (options: FakeDeeplyOptions = {}): FakeDeeply =>
  new FakeDeeplyServer(toSettings(options))
