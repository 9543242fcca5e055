import type { DeeplyEvent } from "../events/DeeplyEvent.ts"
import type { EventQuery } from "../events/EventQuery.ts"
import type { DeeplyMic } from "../mics/DeeplyMic.ts"
import type { MicQuery } from "../mics/MicQuery.ts"
import type { Page } from "../pages/Page.ts"

/**
 * Options of each call of a {@link Collection}.
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
  /** Aborts the call, its waiting time and its HTTP request; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A list of the API, for the promise API. Its calls respect the API's rate limits, and also work without the object.
 *
 * A wrong argument rejects with `CONFIG_INVALID` before anything is sent. Other calls reject with `RATE_LIMITED`,
 * `RESPONSE_INVALID`, `API_ERROR` or `TRANSPORT_FAILED`, or with the reason why the request could not be authorized.
 *
 * @example
 * ```ts
 * import { type Collection, createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const total = async (collection: Pick<Collection<unknown, object>, "list">) => (await collection.list()).total_cnt
 *
 * await using server = await startFakeDeeply({ events: 12 })
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(await total(deeply.events), await total(deeply.mics)) // => 12 5
 * ```
 */
export interface Collection<Item, Query> {
  /** Fetches one page; by default the first, with up to 10 items. */
  readonly list: (query?: Query, options?: RequestOptions) => Promise<Page<Item>>
  /**
   * Iterates over all items from the query's page on, each once.
   *
   * Each page is fetched when the loop reaches it; leaving the loop fetches no further page. If a rate limit is reached,
   * the loop waits for it, with no upper bound. Each loop over the same object starts again. For progress, get the total
   * first: `(await list({ size: 1 })).total_cnt`, with the same filters.
   */
  readonly all: (query?: Query, options?: RequestOptions) => AsyncIterable<Item>
  /** Fetches one item; an unknown id rejects with `API_ERROR` and status 404. */
  readonly get: (id: string, options?: RequestOptions) => Promise<Item>
}

/**
 * The typed client of the promise API: `events` and `mics`. Its code is loaded when the first of its calls is made.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyCollections } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const newestMic = async ({ events, mics }: DeeplyCollections) => {
 *   const { results: [newest] } = await events.list({ size: 1 })
 *   return newest && mics.get(newest.mic.id)
 * }
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log((await newestMic(deeply))?.status) // => active
 * ```
 */
export interface DeeplyCollections {
  /** The sounds that the microphones detected. */
  readonly events: Collection<DeeplyEvent, EventQuery>
  readonly mics: Collection<DeeplyMic, MicQuery>
}
