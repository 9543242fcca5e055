import { invalidQuery, json, methodNotAllowed, notFound } from "./responses.ts"
import type { Scope } from "./FakeRecord.ts"
import { FakeQuery } from "./FakeQuery.ts"
import type { SampleData, SampleEvent, SampleMic } from "../SampleData.ts"

const reissuePath = "/api/v1/auth/reissue"
const collection = /^\/api\/v1\/(events|mics)(?:\/([^/]+))?$/

/** @internal The endpoint of a path; requests are counted by its `name` for the rate limits. */
export interface Endpoint {
  readonly scope: Scope
  readonly name: string
}

/** @internal Finds the endpoint of a path; all unknown paths are one endpoint. */
export const endpointOf = (path: string): Endpoint => {
  if (path === reissuePath) return { scope: "token-request", name: path }
  const [, name, id] = collection.exec(path) ?? []
  if (name === undefined) return { scope: "general", name: "unknown" }
  return { scope: "general", name: id === undefined ? name : `${name}/{id}` }
}

/** @internal The response to an authorized request of a general endpoint. */
export const apiResponse = (method: string, url: URL, data: SampleData): Response => {
  const [, name, id] = collection.exec(url.pathname) ?? []
  if (name === undefined) return notFound()
  if (method !== "GET" && method !== "HEAD") return methodNotAllowed("GET, HEAD")
  const items: readonly { readonly id: string }[] = name === "events" ? data.events : data.mics
  if (id !== undefined) return itemResponse(items, id)
  const query = new FakeQuery(url.searchParams)
  const page = query.integer("page", 1, Number.MAX_SAFE_INTEGER)
  const size = query.integer("size", 10, 100)
  const results = name === "events" ? matchingEvents(data.events, query) : matchingMics(data.mics, query)
  return query.problems.length > 0 ? invalidQuery(query.problems) : json(200, pageBody(results, page, size))
}

const itemResponse = (items: readonly { readonly id: string }[], id: string) => {
  // Compares the encoded form, because decoding an invalid escape would throw.
  const item = items.find((each) => encodeURIComponent(each.id) === id || each.id === id)
  return item === undefined ? notFound() : json(200, item)
}

const pageBody = (items: readonly unknown[], page: number, size: number) => ({
  page,
  size,
  total_cnt: items.length,
  max_page: Math.ceil(items.length / size),
  results: items.slice((page - 1) * size, page * size)
})

/** Includes events at exactly `start` and `end`. */
const matchingEvents = (events: readonly SampleEvent[], query: FakeQuery) => {
  const start = query.instant("start") ?? -Infinity
  const end = query.instant("end") ?? Infinity
  const mics = query.many("mic_id")
  const labels = query.many("label_id")
  return events.filter(({ created_at, mic, label }) => {
    const created = Date.parse(created_at)
    return created >= start && created <= end && mics?.has(mic.id) !== false && labels?.has(label.id) !== false
  })
}

/** `name` matches a part of the name and ignores case; `edge_id` matches the whole id. */
const matchingMics = (mics: readonly SampleMic[], query: FakeQuery) => {
  const part = query.one("name")?.toLowerCase() ?? ""
  const edge = query.one("edge_id")
  return mics.filter((mic) => mic.name.toLowerCase().includes(part) && (edge ?? mic.edge_id) === mic.edge_id)
}
