import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EffectCollection } from "../Collection.ts"
import type { DeeplyApi, Items } from "../DeeplyApi.ts"
import { decided } from "./decided.ts"
import { idSegment, type QueryCheck } from "./query.ts"

/** A list of the API for the Effect door; arguments are taken as they are when it is called. */
export const effectCollection = <Name extends keyof Items, Query>(
  api: DeeplyApi,
  name: Name,
  check: QueryCheck<Query>
): EffectCollection<Items[Name], Query> => ({
  list: (query) =>
    Effect.flatMap(
      decided(() => check(query, "list")),
      (request) => api.page(name, request)
    ),
  all: (query) => {
    const request = decided(() => check(query, "all"))
    return Stream.unwrap(
      Effect.map(request, (checked) =>
        Stream.paginate(api.begin(checked), (reading) =>
          Effect.map(api.next(name, reading), ([items, next]) => [items, Option.fromUndefinedOr(next)] as const)
        )
      )
    )
  },
  get: (id) =>
    Effect.flatMap(
      decided(() => idSegment(id)),
      (segment) => api.one(name, segment)
    )
})
