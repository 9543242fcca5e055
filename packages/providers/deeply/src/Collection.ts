import type { AuthError } from "@tokenkeep/core"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Page } from "./Page.ts"

/**
 * What each call of the promise door takes beside its own arguments.
 *
 * @example
 * ```ts
 * import type { RequestOptions } from "@tokenkeep/deeply"
 *
 * const options: RequestOptions = { signal: AbortSignal.timeout(2_000) }
 * console.log(options.signal?.aborted) // => false
 * ```
 */
export interface RequestOptions {
  /** Ends the call, its waits and what is on the wire; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A list of the API, for the promise door. Its calls keep the API's rate limits and work detached.
 *
 * They reject with `CONFIG_INVALID` for an argument that cannot work, before anything is sent; with `RATE_LIMITED`,
 * `RESPONSE_INVALID`, `API_ERROR` or `TRANSPORT_FAILED`; or with why the request could not be authorized.
 *
 * @example
 * ```ts
 * import { type Collection, createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const total = async (list: Pick<Collection<unknown, object>, "list">) => (await list.list()).total_cnt
 *
 * await using server = await startFakeDeeply({ events: 12 })
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(await total(deeply.events), await total(deeply.mics)) // => 12 5
 * ```
 */
export interface Collection<Item, Query> {
  /** One page: the first of 10 items, where the query does not say otherwise. */
  readonly list: (query?: Query, options?: RequestOptions) => Promise<Page<Item>>
  /**
   * All items from the query's page on, each once. A page is fetched when the loop gets to it, and none after the loop has
   * ended; a limit is waited for however long. Each loop over the same object starts anew.
   */
  readonly all: (query?: Query, options?: RequestOptions) => AsyncIterable<Item>
  /** One item; one that does not exist is `API_ERROR` with status 404. */
  readonly get: (id: string, options?: RequestOptions) => Promise<Item>
}

/**
 * The same list for the Effect door: interrupting an effect or ending a stream ends what is on the wire.
 *
 * @example
 * ```ts
 * import { Deeply, type DeeplyEvent, type EffectCollection, type EventQuery } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const newest = ({ all }: EffectCollection<DeeplyEvent, EventQuery>, count: number) =>
 *   Stream.runCollect(Stream.take(all(), count))
 *
 * await using server = await startFakeDeeply()
 * const program = Deeply.use(({ events }) => newest(events, 2))
 * const layer = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
 * console.log((await Effect.runPromise(Effect.provide(program, layer))).map(({ id }) => id).join()) // => event-1,event-2
 * ```
 */
export interface EffectCollection<Item, Query> {
  readonly list: (query?: Query) => Effect.Effect<Page<Item>, AuthError>
  readonly all: (query?: Query) => Stream.Stream<Item, AuthError>
  readonly get: (id: string) => Effect.Effect<Item, AuthError>
}
