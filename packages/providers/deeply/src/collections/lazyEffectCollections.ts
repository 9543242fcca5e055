import type { ApiClientOptions, AuthorizedClient, TokenkeepError, TokenManager } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { copyArgument } from "./copyArgument.ts"
import type { EffectCollection, EffectCollections } from "./EffectCollection.ts"

// Not in lazyCollections.ts, so that a bundle of the promise API contains no `Stream`.

/** The collections of the Effect API; the first call loads them. */
export const lazyEffectCollections = Effect.fnUntraced(function* (options: ApiClientOptions) {
  const services = yield* Effect.context<AuthorizedClient | TokenManager>()
  let made: EffectCollections | undefined
  const load: Effect.Effect<EffectCollections, TokenkeepError> = Effect.gen(function* () {
    if (made !== undefined) return made
    const { makeEffectCollections } = yield* Effect.promise(() => import("./typedEffectClient.ts"))
    const collections = yield* makeEffectCollections(options)
    // Calls that load at the same time must share one instance: it counts the requests for the rate limits.
    return (made ??= collections)
  }).pipe(Effect.provideContext(services))
  return {
    events: lazyEffectCollection(Effect.map(load, ({ events }) => events)),
    mics: lazyEffectCollection(Effect.map(load, ({ mics }) => mics))
  } satisfies EffectCollections
})

const lazyEffectCollection = <Item, Query>(
  load: Effect.Effect<EffectCollection<Item, Query>, TokenkeepError>
): EffectCollection<Item, Query> => ({
  list: (query) => {
    const copy = copyArgument(query)
    return Effect.flatMap(load, ({ list }) => list(copy))
  },
  all: (query) => {
    const copy = copyArgument(query)
    return Stream.unwrap(Effect.map(load, ({ all }) => all(copy)))
  },
  get: (id) => Effect.flatMap(load, ({ get }) => get(id))
})
