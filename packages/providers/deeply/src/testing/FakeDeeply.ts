import { abortable, sleep } from "./abortable.ts"
import { type FakeDeeplyOptions, type Settings, toSettings } from "./FakeDeeplyOptions.ts"
import type { Fault } from "./faults/Fault.ts"
import { faultResponse } from "./faults/faultResponse.ts"
import { FaultScript } from "./faults/FaultScript.ts"
import { type SampleData, sampleData } from "./SampleData.ts"
import { apiResponse, type Endpoint, endpointOf } from "./server/endpoints.ts"
import { bearer, FakeCredentials } from "./server/FakeCredentials.ts"
import { FakeRateLimit } from "./server/FakeRateLimit.ts"
import { type FakeDeeplyStats, FakeRecord, type PendingRequest } from "./server/FakeRecord.ts"
import {
  expiredToken,
  invalidKey,
  invalidToken,
  json,
  methodNotAllowed,
  noKey,
  noToken,
  rateLimitExceeded
} from "./server/responses.ts"

/**
 * A Deeply server for tests. It issues and expires tokens, rejects requests and limits their rate as the real server does,
 * and fails as scripted. Printing it shows no secret.
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
  /** Handles one request; rejects as `fetch` does if the connection fails or the request's signal aborts. */
  readonly handle: (request: Request) => Promise<Response>
  /** The current API key, even if it is revoked. */
  readonly apiKey: string
  /** A snapshot of what the server has received. */
  readonly stats: FakeDeeplyStats
  /**
   * Expires all tokens issued so far: requests with them get a 401 that says "expired". Alone, this causes no
   * error, because a client renews. For `TOKEN_EXPIRED`, use {@link FakeDeeply.script}.
   */
  expireTokens(): void
  /** Revokes all tokens issued so far: requests with them get a 401 that says "invalid". */
  revokeTokens(): void
  /** Revokes the current API key: the reissue endpoint responds with 401. Tokens issued so far stay valid. */
  revokeKey(): void
  /** Revokes the current API key and returns a new one. */
  rotateKey(): string
  /**
   * Adds faults. Each request uses the first one that applies to it, before rate limits and authorization are checked.
   *
   * A client repeats a request once after a 401, so `TOKEN_EXPIRED` and `TOKEN_INVALID` need `times: 2`: a 401 with
   * the body `{ detail: { message: "Authentication token expired." } }`, or with another message.
   */
  script(faults: readonly Fault[]): void
  /** Removes all faults that have not been used. */
  clearScript(): void
}

/** With this method, an object defines how Node, Deno and Bun print it. */
const customInspect = Symbol.for("nodejs.util.inspect.custom")

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

  /** An arrow function, so that it also works without the object. */
  readonly handle = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted()
    const url = new URL(request.url)
    const endpoint = endpointOf(url.pathname)
    const pending = this.#record.start(endpoint.scope, request, url.pathname + url.search)
    try {
      const fault = this.#script.take(endpoint.scope, url.pathname)
      await abortable(this.#record.readBody(pending, request), request.signal)
      const response = await this.#respond(request, url, endpoint, fault)
      const { latency, tokenRequestLatency } = this.#settings
      await sleep(endpoint.scope === "token-request" ? tokenRequestLatency : latency, request.signal)
      return this.#send(pending, request, response)
    } finally {
      this.#record.end(pending)
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

  /** Hides the key even from a print that runs getters. */
  [customInspect](): object {
    const { log, ...counts } = this.stats
    return Object.assign({}, this, { stats: { ...counts, log: `${log.length} requests` } })
  }

  async #respond(request: Request, url: URL, endpoint: Endpoint, fault: Fault | undefined): Promise<Response> {
    const scripted = fault === undefined ? undefined : await this.#applyFault(fault, request.signal)
    if (scripted !== undefined) return scripted
    const now = this.#settings.now()
    const refusal = this.#limits.take(endpoint.name, now)
    if (refusal !== undefined) return rateLimitExceeded(refusal.limit, refusal.reset, now)
    const authorization = fault?.dropAuthorization === true ? null : request.headers.get("authorization")
    return endpoint.scope === "token-request"
      ? this.#tokenResponse(request.method, authorization)
      : this.#generalResponse(request.method, url, authorization)
  }

  async #applyFault(fault: Fault, signal: AbortSignal): Promise<Response | undefined> {
    await abortable(Promise.resolve(fault.before?.()), signal)
    await sleep(fault.delay ?? 0, signal)
    return faultResponse(fault, signal)
  }

  #tokenResponse(method: string, authorization: string | null): Response {
    if (method !== "GET") return methodNotAllowed("GET")
    const key = bearer(authorization)
    if (key === undefined) return noKey()
    if (!this.#credentials.acceptsKey(key)) return invalidKey()
    this.#record.countIssuedToken()
    return json(200, { access_token: this.#credentials.issue() })
  }

  #generalResponse(method: string, url: URL, authorization: string | null): Response {
    const token = bearer(authorization)
    if (token === undefined) return noToken()
    const state = this.#credentials.tokenState(token)
    if (state !== "valid") return state === "expired" ? expiredToken() : invalidToken()
    this.#data ??= sampleData(this.#settings.events, this.#settings.seed)
    return apiResponse(method, url, this.#data)
  }

  #send(pending: PendingRequest, request: Request, response: Response): Response {
    this.#record.respond(pending, response.status)
    if (request.method !== "HEAD") return response
    void response.body?.cancel().catch(() => {})
    return new Response(null, response)
  }
}

/**
 * Creates a fake Deeply server without a socket: pass requests to its `handle`.
 *
 * Throws a `TypeError` or a `RangeError` if an option is wrong or unknown. The API reference does not specify
 * everything, so the fake server makes these choices: events are sorted from new to old, `start` and `end` are
 * inclusive, `name` matches a part of the name and ignores case, and a rate limit is counted in fixed windows that
 * start with the first request.
 *
 * @param options See {@link FakeDeeplyOptions} for units and defaults; times are in milliseconds.
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
export const createFakeDeeply = (options: FakeDeeplyOptions = {}): FakeDeeply => {
  // Otherwise, every request would fail later, with an error about this function.
  if (!("withResolvers" in Promise)) {
    throw new Error("This runtime is too old for the fake server: use Node 22.19, Deno 2 or Bun 1, or a later version")
  }
  return new FakeDeeplyServer(toSettings(options))
}
