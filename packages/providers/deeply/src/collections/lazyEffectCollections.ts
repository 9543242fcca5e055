import type { ApiClientOptions, AuthorizedClient, TokenkeepError, TokenManager } from "@tokenkeep/core"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { copyArgument } from "./copyArgument.ts"
import type { EffectCollection, EffectCollections } from "./EffectCollection.ts"

// Not in lazyCollections.ts, so that a bundle of the promise API contains no `Stream`.

type Services = Context.Context<AuthorizedClient | TokenManager>

/**
 * The collections of the Effect API; the first call loads them.
 *
 * @param services The services of the client, for the time of a call.
 */
export const lazyEffectCollections = (
  options: ApiClientOptions,
  services: Effect.Effect<Services, TokenkeepError, Scope.Scope>
): EffectCollections => {
  const load: Effect.Effect<EffectCollections, TokenkeepError, Scope.Scope> = Effect.flatMap(services, (context) =>
    Effect.promise(() => import("./typedEffectClient.ts")).pipe(
      Effect.flatMap(({ makeEffectCollections }) => makeEffectCollections(options)),
      Effect.provideContext(context)
    )
  )
  return {
    events: lazyEffectCollection(Effect.map(load, ({ events }) => events)),
    mics: lazyEffectCollection(Effect.map(load, ({ mics }) => mics))
  }
}

const lazyEffectCollection = <Item, Query>(
  load: Effect.Effect<EffectCollection<Item, Query>, TokenkeepError, Scope.Scope>
): EffectCollection<Item, Query> => ({
  list: (query) => {
    const copy = copyArgument(query)
    return Effect.scoped(Effect.flatMap(load, ({ list }) => list(copy)))
  },
  all: (query) => {
    const copy = copyArgument(query)
    return Stream.unwrap(Effect.map(load, ({ all }) => all(copy)))
  },
  get: (id) => Effect.scoped(Effect.flatMap(load, ({ get }) => get(id)))
})
