import type { FetchOptions, LifetimeSource, TokenEvent, TokenStatus } from "@tokenkeep/core"
import {
  type Collection,
  createDeeply as createWithLayers,
  type DeeplyEvent,
  type DeeplyMic,
  type EventQuery,
  type Host,
  type MicQuery
} from "@tokenkeep/deeply"
import type { AuthError } from "./AuthError.ts"
import type { CreateDeeplyOptions } from "./DeeplyOptions.ts"
import { transports } from "./FetchTransport.ts"
import { storages } from "./TokenStorage.ts"

/**
 * The short-lived credential that goes on requests: never printed, told apart by its random public `id`.
 *
 * @example
 * ```ts
 * import { type AccessToken, createDeeply } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * const header = (token: AccessToken) => `Bearer ${token.reveal()}`
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * const token = await deeply.token()
 * console.log(String(token) === `<redacted:access-token ${token.id}>`, header(token).length > 20) // => true true
 * ```
 */
export interface AccessToken {
  /** Random and public: what events, logs and `reject` call the token. */
  readonly id: string
  /** When the issue call was sent, in epoch milliseconds. */
  readonly issuedAt: number
  /** When the token ends, in epoch milliseconds; absent when nobody told. */
  readonly expiresAt?: number
  readonly lifetimeSource: LifetimeSource
  /** The token itself: for an `Authorization` header. */
  reveal(): string
  toString(): string
  toJSON(): string
}

/**
 * A client of the Deeply API whose token is always fresh. Everything works detached from the object.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyClient } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * const surest = async ({ events }: DeeplyClient, label: string) => {
 *   let surest = 0
 *   for await (const { confidence } of events.all({ label_id: label })) surest = Math.max(surest, confidence)
 *   return surest
 * }
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(await surest(deeply, "glass_break")) // => 0.75
 * ```
 */
export interface DeeplyClient extends AsyncDisposable {
  readonly host: Host
  /** Where paths lead: the API's base URL, ending in a slash. */
  readonly baseUrl: string
  /** The platform's fetch, authorized: pass it to whatever takes a fetch. */
  readonly fetch: typeof globalThis.fetch
  /**
   * A fetch with other manners: `ownAuthorization: "replace"` puts our token over the caller's own header, for SDKs
   * that always set one; `auth: false` sends without a token. The origin rules hold for all.
   */
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch
  /**
   * What the microphones heard: `events.list`, `events.all`, `events.get`. Called as a function it tells what happens to
   * the token: the last 256 events, then those to come; it ends at dispose, and keeps no process alive.
   */
  readonly events: (() => AsyncIterable<TokenEvent>) & Collection<DeeplyEvent, EventQuery>
  readonly mics: Collection<DeeplyMic, MicQuery>
  /** The current token, renewed when there is no good one; an abort fails this caller alone, with its reason. */
  readonly token: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<AccessToken>
  /** The current token when it is good, without waiting. */
  readonly peek: () => AccessToken | undefined
  /** Says that a token, or the token with that id, was refused; older ones than the current are ignored. */
  readonly reject: (token: AccessToken | string) => Promise<void>
  /** What a 401, 403 or 429 response means, as the error to show or throw; the body stays readable. */
  readonly explain: (response: Response) => Promise<AuthError | undefined>
  /** Lets an API key that was rejected be tried again at once. */
  readonly retryKey: () => void
  readonly status: () => TokenStatus
  /** Ends the client: waiting callers get `DISPOSED`, responses already handed out keep streaming. */
  readonly dispose: () => Promise<void>
}

/**
 * Makes a client. It is lazy, so nothing is sent until the first use.
 *
 * @param options.apiKey By default the environment's `DEEPLY_API_KEY`, read before every issue call.
 * @param options.host By default the environment's `DEEPLY_HOST`, else the cloud.
 *
 * Throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or `API_KEY_MALFORMED` at once for what is known to be wrong; a key that is
 * missing is told by the first use, as `API_KEY_MISSING`.
 *
 * @example
 * ```ts
 * import { createDeeply } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * const response = await deeply.fetch("/api/v1/events")
 * console.log(response.status) // => 200
 * ```
 */
export const createDeeply = (options: CreateDeeplyOptions = {}): DeeplyClient => {
  const { fallbackStorage, storage, transport, ...rest } = options
  // What runs effects of the caller's has no place where there is no effect.
  const { run: _, ...client } = createWithLayers({
    ...rest,
    transport: transport && transports.reveal("transport", transport),
    storage: storage && storages.reveal("storage", storage),
    fallbackStorage: fallbackStorage && storages.reveal("fallbackStorage", fallbackStorage)
  })
  return client as DeeplyClient
}
