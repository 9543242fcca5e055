import { type ApiClientOptions, makeApiClient } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import type { DeeplyEvent } from "./DeeplyEvent.ts"
import type { DeeplyMic } from "./DeeplyMic.ts"
import { deeplyRates, messageOf } from "./deeplyProvider.ts"
import { beginReading, readPage, type Reading } from "./internal/paging.ts"
import type { PageRequest } from "./internal/query.ts"
import { eventWire, micWire, type Wire } from "./wire.ts"

/** What the typed client asks for, once its arguments were checked; both doors are shells over it. */
export type DeeplyApi = Effect.Success<ReturnType<typeof makeDeeplyApi>>

/** What the lists of the API hold. */
export interface Items {
  readonly events: DeeplyEvent
  readonly mics: DeeplyMic
}

const wires: { readonly [Name in keyof Items]: Wire<Items[Name]> } = { events: eventWire, mics: micWire }

const pathOf = (endpoint: string, { filters, page, size }: PageRequest): string =>
  `${endpoint}?page=${page}&size=${size}${filters === "" ? "" : `&${filters}`}`

/** The calls of the typed client. The limits are counted in here, so a client has one. */
export const makeDeeplyApi = Effect.fnUntraced(function* (options: ApiClientOptions) {
  const client = yield* makeApiClient({ ...options, rates: deeplyRates, messageOf })

  const page = <Name extends keyof Items>(name: Name, request: PageRequest, patient = false) => {
    const endpoint = `/api/v1/${name}`
    return client.get({ endpoint, path: pathOf(endpoint, request), decode: wires[name].page, patient })
  }

  const one = <Name extends keyof Items>(name: Name, segment: string) =>
    client.get({ endpoint: `/api/v1/${name}/{id}`, path: `/api/v1/${name}/${segment}`, decode: wires[name].one })

  /** The next page of a reading, whatever it has to wait for; and the reading after it, if there is more. */
  const next = <Name extends keyof Items>(name: Name, reading: Reading) =>
    Effect.map(page(name, reading.request, true), (found) => readPage<Items[Name]>(reading, found))

  return { page, one, begin: beginReading, next }
})
