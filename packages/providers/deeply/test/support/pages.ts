import type { DeeplyEvent } from "@tokenkeep/deeply"
import { json, rawApi, type RawApi } from "./servers.ts"

export const eventOf = (id: string): DeeplyEvent => ({
  id,
  label: { id: "crying", name: { ko: "울음소리", en: "Crying" } },
  confidence: 0.5,
  mic: { id: "mic-1", name: "Lobby", location: { latitude: 37.5, longitude: 127 } },
  created_at: "2025-08-01T09:00:00Z",
  updated_at: "2025-08-01T09:00:00Z"
})

export const eventsOf = (from: number, count: number): ReadonlyArray<DeeplyEvent> =>
  Array.from({ length: count }, (_, index) => eventOf(`event-${from + index}`))

interface PageNumbers {
  readonly page: number
  readonly size: number
}

/** A page of a list, as a correct server returns it. */
export const correctPage = (items: ReadonlyArray<DeeplyEvent>, { page, size }: PageNumbers) => ({
  page,
  size,
  total_cnt: items.length,
  max_page: Math.ceil(items.length / size),
  results: items.slice((page - 1) * size, page * size)
})

/** A server that returns the pages of the test. */
export const pagedApi = (pageOf: (requested: PageNumbers) => unknown): Promise<RawApi> =>
  rawApi(({ path }, response) => {
    const { searchParams } = new URL(path, "http://localhost")
    json(response, 200, pageOf({ page: Number(searchParams.get("page")), size: Number(searchParams.get("size")) }))
  })

/** The requested page numbers, in order. */
export const requestedPages = (server: RawApi): ReadonlyArray<number> =>
  server.general().map(({ path }) => Number(new URL(path, "http://localhost").searchParams.get("page")))
