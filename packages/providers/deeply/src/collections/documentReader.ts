import { type ApiClientOptions, AuthorizedClient, makeApiClient } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { DeeplyEvent } from "../events/DeeplyEvent.ts"
import { eventValidator } from "../events/eventValidator.ts"
import type { DeeplyMic } from "../mics/DeeplyMic.ts"
import { micValidator } from "../mics/micValidator.ts"
import { type ListProgress, readPage } from "../pages/ListProgress.ts"
import type { PageRequest } from "../pages/PageRequest.ts"
import { pageValidator } from "../pages/pageValidator.ts"
import { errorMessage } from "../provider/errorBody.ts"
import { deeplyRates } from "../provider/rates.ts"
import type { Validator } from "../validation/Validator.ts"

/** The items of each list, by the list's name in the path. */
export interface Items {
  readonly events: DeeplyEvent
  readonly mics: DeeplyMic
}

/** Validates a body; a failure is the path of the first wrong field, such as `$.results[3].confidence`. */
const bodyDecoder =
  <A>(validator: Validator<A>): Validator<A> =>
  (body) =>
    Result.mapError(validator(body), (path) => `$${path}`)

const decodersOf = <Item>(item: Validator<Item>) => ({
  item: bodyDecoder(item),
  page: bodyDecoder(pageValidator(item))
})

/** Decodes one item, and one page, of each list. */
export const decoders: { readonly [Name in keyof Items]: ReturnType<typeof decodersOf<Items[Name]>> } = {
  events: decodersOf(eventValidator),
  mics: decodersOf(micValidator)
}

const pagePath = (endpoint: string, { filters, page, size }: PageRequest): string =>
  `${endpoint}?page=${page}&size=${size}${filters === "" ? "" : `&${filters}`}`

/** Fetches and checks the documents of the typed client; both APIs are built on it. */
export type DocumentReader = Effect.Success<ReturnType<typeof makeDocumentReader>>

const readers = new WeakMap<object, DocumentReader>()

/** The reader of a client. It counts the requests of each endpoint for the rate limits, so a client has exactly one. */
export const readerOf = Effect.fnUntraced(function* (options: ApiClientOptions) {
  const client = yield* AuthorizedClient
  const found = readers.get(client)
  if (found !== undefined) return found
  const made = yield* makeDocumentReader(options)
  // Calls that make one at the same time share the first.
  const first = readers.get(client) ?? made
  readers.set(client, first)
  return first
})

const makeDocumentReader = Effect.fnUntraced(function* ({ maxWait, onTokenEvent, rateLimits }: ApiClientOptions) {
  const options = { maxWait, onTokenEvent, rateLimits }
  const client = yield* makeApiClient({ ...options, rates: deeplyRates, messageOf: errorMessage })

  const page = <Name extends keyof Items>(name: Name, request: PageRequest) => {
    const endpoint = `/api/v1/${name}`
    return client.get({ endpoint, path: pagePath(endpoint, request), decode: decoders[name].page })
  }

  const item = <Name extends keyof Items>(name: Name, idSegment: string) =>
    client.get({ endpoint: `/api/v1/${name}/{id}`, path: `/api/v1/${name}/${idSegment}`, decode: decoders[name].item })

  /** Fetches the next page of a list. */
  const nextPage = <Name extends keyof Items>(name: Name, progress: ListProgress) =>
    Effect.map(page(name, progress.request), (fetched) => readPage<Items[Name]>(progress, fetched))

  return { page, item, nextPage }
})
