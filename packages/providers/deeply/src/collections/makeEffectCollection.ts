import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { idSegment } from "../pages/argumentChecks.ts"
import { startList } from "../pages/ListProgress.ts"
import type { QueryCheck } from "../pages/PageRequest.ts"
import { validate } from "../validation/validate.ts"
import type { DocumentReader, Items } from "./documentReader.ts"
import type { EffectCollection } from "./EffectCollection.ts"

export const makeEffectCollection = <Name extends keyof Items, Query>(
  reader: DocumentReader,
  name: Name,
  checkQuery: QueryCheck<Query>
): EffectCollection<Items[Name], Query> => ({
  list: (query) =>
    Effect.flatMap(
      validate(() => checkQuery(query, "list")),
      (request) => reader.page(name, request)
    ),
  all: (query) =>
    Stream.unwrap(
      Effect.map(
        validate(() => checkQuery(query, "all")),
        (request) =>
          Stream.paginate(startList(request), (progress) =>
            Effect.map(
              reader.nextPage(name, progress),
              ([items, next]) => [items, Option.fromUndefinedOr(next)] as const
            )
          )
      )
    ),
  get: (id) =>
    Effect.flatMap(
      validate(() => idSegment(id)),
      (segment) => reader.item(name, segment)
    )
})
