import type { TokenkeepError } from "@tokenkeep/core"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { DeeplyEvent } from "../events/DeeplyEvent.ts"
import type { EventQuery } from "../events/EventQuery.ts"
import type { DeeplyMic } from "../mics/DeeplyMic.ts"
import type { MicQuery } from "../mics/MicQuery.ts"
import type { Page } from "../pages/Page.ts"

/**
 * A list of the API, for the Effect API. Interrupting an effect or ending a stream aborts its HTTP request.
 *
 * The calls return the same data, and fail with the same errors, as those of {@link Collection}.
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
  /** Fetches one page; by default the first, with up to 10 items. */
  readonly list: (query?: Query) => Effect.Effect<Page<Item>, TokenkeepError>
  /** Streams all items from the query's page on, each once. */
  readonly all: (query?: Query) => Stream.Stream<Item, TokenkeepError>
  /** Fetches one item; an unknown id fails with `API_ERROR` and status 404. */
  readonly get: (id: string) => Effect.Effect<Item, TokenkeepError>
}

/** The typed client of the Effect API. */
export interface EffectCollections {
  /** The sounds that the microphones detected. */
  readonly events: EffectCollection<DeeplyEvent, EventQuery>
  readonly mics: EffectCollection<DeeplyMic, MicQuery>
}
