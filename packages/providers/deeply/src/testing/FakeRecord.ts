import type { AuthorizationKind, FakeCredentials } from "./FakeCredentials.ts"

/**
 * One request as the server saw it; no credential is in it, not even where the path or the body carried one.
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
  /** The path with its query. */
  readonly path: string
  /** `undefined` where no answer was given: not yet, or a reset, or the client went away. */
  readonly status: number | undefined
  /** What the client sent, even where a fault dropped it. */
  readonly authorization: AuthorizationKind
  readonly bodyBytes: number
  /** The first 64 KiB of the body, as text. */
  readonly bodyText: string
}

/**
 * What a fake server has seen so far: a snapshot, so two of them can be compared.
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
  readonly issueCalls: number
  /** Access tokens issued, whether or not the client waited for the answer. */
  readonly issued: number
  /** The most requests that were at the reissue endpoint at once. */
  readonly maxConcurrentIssues: number
  /** Requests to the reissue endpoint that carried an access token in place of the API key. */
  readonly tokenAtIssue: number
  /** Requests to all other endpoints. */
  readonly requests: number
  /** Requests of {@link FakeDeeplyStats.requests} that were answered 401. */
  readonly unauthorized: number
  /** Requests of {@link FakeDeeplyStats.requests} that repeat the method, path and query of one answered 401. */
  readonly replays: number
  /** Requests of {@link FakeDeeplyStats.requests} that carried an API key anywhere: a header, the URL, the body. */
  readonly apiKeyLeaks: number
  /** Answers of all endpoints by status, scripted ones too. */
  readonly byStatus: Readonly<Record<number, number>>
  /** How many more requests the script will meet; `Infinity` where a fault has no end. */
  readonly faultsLeft: number
  /** The last 1,000 requests of all endpoints, in the order of their arrival. */
  readonly log: readonly LoggedRequest[]
}

/** @internal Where a request goes: to the reissue endpoint, or to any other. */
export type Scope = "issue" | "general"

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** @internal A request under way. */
export interface Visit {
  readonly scope: Scope
  readonly key: string
  readonly entry: Writable<LoggedRequest>
  leaked: boolean
}

const LOG_SIZE = 1_000
const BODY_TEXT = 64 * 1024
/** Read on top, so that a credential across the cut is still recognised and replaced as a whole. */
const BODY_MARGIN = 8 * 1024

/** @internal Counts and logs what one fake server sees. */
export class FakeRecord {
  readonly #credentials: FakeCredentials
  readonly #counts = {
    issueCalls: 0,
    issued: 0,
    maxConcurrentIssues: 0,
    tokenAtIssue: 0,
    requests: 0,
    unauthorized: 0,
    replays: 0,
    apiKeyLeaks: 0
  }
  readonly #byStatus: Record<number, number> = {}
  readonly #log: Writable<LoggedRequest>[] = []
  /** How many 401 answers of each request still wait for a repetition. */
  readonly #refused = new Map<string, number>()
  #issuesUnderWay = 0

  constructor(credentials: FakeCredentials) {
    this.#credentials = credentials
  }

  arrive(scope: Scope, request: Request, path: string): Visit {
    const authorization = this.#credentials.kindOf(request.headers.get("authorization"))
    const shown = { method: request.method, path: this.#credentials.redact(path) }
    const entry = { ...shown, status: undefined, authorization, bodyBytes: 0, bodyText: "" }
    const visit = { scope, key: `${request.method} ${path}`, entry, leaked: false }
    this.#log.push(entry)
    if (this.#log.length > LOG_SIZE) this.#log.shift()
    if (scope === "issue") this.#arriveAtIssue(authorization)
    else this.#arriveAtGeneral(visit, [path, ...request.headers.values()].join("\n"))
    return visit
  }

  #arriveAtIssue(authorization: AuthorizationKind): void {
    this.#issuesUnderWay += 1
    this.#counts.issueCalls += 1
    this.#counts.maxConcurrentIssues = Math.max(this.#counts.maxConcurrentIssues, this.#issuesUnderWay)
    if (authorization === "access-token") this.#counts.tokenAtIssue += 1
  }

  #arriveAtGeneral(visit: Visit, text: string): void {
    this.#counts.requests += 1
    this.#checkForKey(visit, text)
    const refused = this.#refused.get(visit.key) ?? 0
    if (refused === 0) return
    this.#counts.replays += 1
    if (refused === 1) this.#refused.delete(visit.key)
    else this.#refused.set(visit.key, refused - 1)
  }

  #checkForKey(visit: Visit, text: string): void {
    if (visit.leaked || !this.#credentials.mentionsKey(text)) return
    visit.leaked = true
    this.#counts.apiKeyLeaks += 1
  }

  /** Reads the body to its end, and keeps the beginning. */
  async readBody(visit: Visit, request: Request): Promise<void> {
    if (request.body === null) return
    const decoder = new TextDecoder()
    let kept = 0
    let text = ""
    for await (const chunk of chunksOf(request.body)) {
      visit.entry.bodyBytes += chunk.byteLength
      const part = chunk.subarray(0, BODY_TEXT + BODY_MARGIN - kept)
      kept += part.byteLength
      text += decoder.decode(part, { stream: true })
    }
    if (visit.scope === "general") this.#checkForKey(visit, text)
    visit.entry.bodyText = this.#credentials.redact(text).slice(0, BODY_TEXT)
  }

  issued(): void {
    this.#counts.issued += 1
  }

  answered(visit: Visit, status: number): void {
    visit.entry.status = status
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1
    if (visit.scope === "general" && status === 401) this.#refuse(visit.key)
  }

  #refuse(key: string): void {
    this.#counts.unauthorized += 1
    this.#refused.set(key, (this.#refused.get(key) ?? 0) + 1)
    if (this.#refused.size <= LOG_SIZE) return
    const [oldest] = this.#refused.keys()
    if (oldest !== undefined) this.#refused.delete(oldest)
  }

  /** The visit is over, answered or not. */
  leave(visit: Visit): void {
    if (visit.scope === "issue") this.#issuesUnderWay -= 1
  }

  snapshot(faultsLeft: number): FakeDeeplyStats {
    const log = this.#log.map((entry) => ({ ...entry }))
    return { ...this.#counts, byStatus: { ...this.#byStatus }, faultsLeft, log }
  }
}

/** Not every runtime iterates over a stream itself. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
}
