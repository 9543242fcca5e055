import type { AuthorizationKind, FakeCredentials } from "./FakeCredentials.ts"

/**
 * One request that the server received. Credentials are replaced everywhere, also in the path and the body.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type LoggedRequest } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * await fake.handle(new Request("http://fake/api/v1/events?page=2"))
 *
 * const [first]: readonly LoggedRequest[] = fake.stats.log
 * console.log(first?.path, first?.status, first?.authorization) // => /api/v1/events?page=2 403 none
 * ```
 */
export interface LoggedRequest {
  readonly method: string
  /** The path and the query. */
  readonly path: string
  /** `undefined` if there is no response: it is pending, the connection was reset, or the client aborted. */
  readonly status: number | undefined
  /** The kind of credential that the client sent, even if a fault dropped the header. */
  readonly authorization: AuthorizationKind
  readonly bodyBytes: number
  /** The first 64 KiB of the body, decoded as UTF-8. */
  readonly bodyText: string
}

/**
 * What a fake server has received so far. Each is a snapshot that does not change, so two of them can be compared.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type FakeDeeplyStats } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const authorization = `Bearer ${fake.apiKey}`
 * await fake.handle(new Request("http://fake/api/v1/auth/reissue", { headers: { authorization } }))
 * await fake.handle(new Request("http://fake/api/v1/events", { headers: { authorization } }))
 *
 * const stats: FakeDeeplyStats = fake.stats
 * console.log(stats.issued, stats.requests, stats.apiKeyLeaks) // => 1 1 1
 * console.log(stats.byStatus[200], stats.byStatus[401]) // => 1 1
 * ```
 */
export interface FakeDeeplyStats {
  /** Requests that reached the reissue endpoint. */
  readonly tokenRequests: number
  /** Access tokens issued, even if the client aborted before the response. */
  readonly issued: number
  /** The most requests to the reissue endpoint at the same time. */
  readonly maxConcurrentTokenRequests: number
  /** Requests to the reissue endpoint with an access token instead of the API key. */
  readonly tokenRequestsWithAccessToken: number
  /** Requests to all other endpoints. */
  readonly requests: number
  /** Those of {@link FakeDeeplyStats.requests} whose response was a 401. */
  readonly unauthorized: number
  /** Those of {@link FakeDeeplyStats.requests} with the same method, path and query as an earlier one that got a 401. */
  readonly replays: number
  /** Those of {@link FakeDeeplyStats.requests} with an API key in a header, the URL or the body. */
  readonly apiKeyLeaks: number
  /** The number of responses of all endpoints by status, including scripted ones. */
  readonly byStatus: Readonly<Record<number, number>>
  /** How many more requests the script applies to; `Infinity` if a fault applies to all. */
  readonly faultsLeft: number
  /** The last 1,000 requests of all endpoints, in the order in which they arrived. */
  readonly log: readonly LoggedRequest[]
}

/** @internal Whether a request goes to the reissue endpoint or to another one. */
export type Scope = "token-request" | "general"

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** @internal A request that the server is processing. */
export interface PendingRequest {
  readonly scope: Scope
  /** The method, path and query, to recognise a replay. */
  readonly signature: string
  readonly entry: Writable<LoggedRequest>
  containsKey: boolean
}

const LOG_SIZE = 1_000
const BODY_TEXT = 64 * 1024
/** Read in addition, so that a credential across the cut is still recognised and replaced. */
const BODY_MARGIN = 8 * 1024

/** @internal Counts and logs the requests to one fake server. */
export class FakeRecord {
  readonly #credentials: FakeCredentials
  readonly #counts = {
    tokenRequests: 0,
    issued: 0,
    maxConcurrentTokenRequests: 0,
    tokenRequestsWithAccessToken: 0,
    requests: 0,
    unauthorized: 0,
    replays: 0,
    apiKeyLeaks: 0
  }
  readonly #byStatus: Record<number, number> = {}
  readonly #log: Writable<LoggedRequest>[] = []
  /** How many 401 responses of each request have no replay yet, by signature. */
  readonly #unauthorized = new Map<string, number>()
  #pendingTokenRequests = 0

  constructor(credentials: FakeCredentials) {
    this.#credentials = credentials
  }

  start(scope: Scope, request: Request, path: string): PendingRequest {
    const authorization = this.#credentials.kindOf(request.headers.get("authorization"))
    const visible = { method: request.method, path: this.#credentials.redact(path) }
    const entry = { ...visible, status: undefined, authorization, bodyBytes: 0, bodyText: "" }
    const pending = { scope, signature: `${request.method} ${path}`, entry, containsKey: false }
    this.#log.push(entry)
    if (this.#log.length > LOG_SIZE) this.#log.shift()
    if (scope === "token-request") this.#countTokenRequest(authorization)
    else this.#countGeneral(pending, [path, ...request.headers.values()].join("\n"))
    return pending
  }

  #countTokenRequest(authorization: AuthorizationKind): void {
    this.#pendingTokenRequests += 1
    this.#counts.tokenRequests += 1
    this.#counts.maxConcurrentTokenRequests = Math.max(
      this.#counts.maxConcurrentTokenRequests,
      this.#pendingTokenRequests
    )
    if (authorization === "access-token") this.#counts.tokenRequestsWithAccessToken += 1
  }

  #countGeneral(pending: PendingRequest, text: string): void {
    this.#counts.requests += 1
    this.#checkForKey(pending, text)
    const unauthorized = this.#unauthorized.get(pending.signature) ?? 0
    if (unauthorized === 0) return
    this.#counts.replays += 1
    if (unauthorized === 1) this.#unauthorized.delete(pending.signature)
    else this.#unauthorized.set(pending.signature, unauthorized - 1)
  }

  #checkForKey(pending: PendingRequest, text: string): void {
    if (pending.containsKey || !this.#credentials.containsKey(text)) return
    pending.containsKey = true
    this.#counts.apiKeyLeaks += 1
  }

  /** Reads the whole body and logs the start of it. */
  async readBody(pending: PendingRequest, request: Request): Promise<void> {
    if (request.body === null) return
    const decoder = new TextDecoder()
    let kept = 0
    let text = ""
    for await (const chunk of chunksOf(request.body)) {
      pending.entry.bodyBytes += chunk.byteLength
      const part = chunk.subarray(0, BODY_TEXT + BODY_MARGIN - kept)
      kept += part.byteLength
      text += decoder.decode(part, { stream: true })
    }
    if (pending.scope === "general") this.#checkForKey(pending, text)
    pending.entry.bodyText = this.#credentials.redact(text).slice(0, BODY_TEXT)
  }

  countIssuedToken(): void {
    this.#counts.issued += 1
  }

  respond(pending: PendingRequest, status: number): void {
    pending.entry.status = status
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1
    if (pending.scope === "general" && status === 401) this.#expectReplay(pending.signature)
  }

  #expectReplay(signature: string): void {
    this.#counts.unauthorized += 1
    this.#unauthorized.set(signature, (this.#unauthorized.get(signature) ?? 0) + 1)
    if (this.#unauthorized.size <= LOG_SIZE) return
    const [oldest] = this.#unauthorized.keys()
    if (oldest !== undefined) this.#unauthorized.delete(oldest)
  }

  /** Ends a request, with or without a response. */
  end(pending: PendingRequest): void {
    if (pending.scope === "token-request") this.#pendingTokenRequests -= 1
  }

  snapshot(faultsLeft: number): FakeDeeplyStats {
    const log = this.#log.map((entry) => ({ ...entry }))
    return { ...this.#counts, byStatus: { ...this.#byStatus }, faultsLeft, log }
  }
}

/** Some runtimes cannot iterate over a stream. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
}
