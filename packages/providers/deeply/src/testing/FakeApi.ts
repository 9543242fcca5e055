import { invalidQuery, json, methodNotAllowed, notFound } from "./answers.ts"
import type { Scope } from "./FakeRecord.ts"
import { FakeQuery } from "./FakeQuery.ts"
import type { SampleData, SampleEvent, SampleMic } from "./SampleData.ts"

const issuePath = "/api/v1/auth/reissue"
const collection = /^\/api\/v1\/(events|mics)(?:\/([^/]+))?$/

/** @internal What a path stands for: the rate limits of the documented endpoints are counted by `name`. */
export interface Endpoint {
  readonly scope: Scope
  readonly name: string
}

/** @internal The endpoint of a path; all unknown paths are one endpoint. */
export const endpointOf = (path: string): Endpoint => {
  if (path === issuePath) return { scope: "issue", name: path }
  const [, name, id] = collection.exec(path) ?? []
  if (name === undefined) return { scope: "general", name: "unknown" }
  return { scope: "general", name: id === undefined ? name : `${name}/{id}` }
}

/** @internal Answers an authorized request to a general endpoint. */
export const answerApi = (method: string, url: URL, data: SampleData): Response => {
  const [, name, id] = collection.exec(url.pathname) ?? []
  if (name === undefined) return notFound()
  if (method !== "GET" && method !== "HEAD") return methodNotAllowed("GET, HEAD")
  const items: readonly { readonly id: string }[] = name === "events" ? data.events : data.mics
  if (id !== undefined) return one(items, id)
  const query = new FakeQuery(url.searchParams)
  const page = query.integer("page", 1, Number.MAX_SAFE_INTEGER)
  const size = query.integer("size", 10, 100)
  const results = name === "events" ? eventsOf(data.events, query) : micsOf(data.mics, query)
  return query.problems.length > 0 ? invalidQuery(query.problems) : json(200, pageOf(results, page, size))
}

const one = (items: readonly { readonly id: string }[], id: string) => {
  // By the encoded form, since an id from a broken escape could not be decoded.
  const item = items.find((each) => encodeURIComponent(each.id) === id || each.id === id)
  return item === undefined ? notFound() : json(200, item)
}

const pageOf = (items: readonly unknown[], page: number, size: number) => ({
  page,
  size,
  total_cnt: items.length,
  max_page: Math.ceil(items.length / size),
  results: items.slice((page - 1) * size, page * size)
})

/** From `start` to `end`, both included. */
const eventsOf = (events: readonly SampleEvent[], query: FakeQuery) => {
  const start = query.instant("start") ?? -Infinity
  const end = query.instant("end") ?? Infinity
  const mics = query.many("mic_id")
  const labels = query.many("label_id")
  return events.filter(({ created_at, mic, label }) => {
    const created = Date.parse(created_at)
    return created >= start && created <= end && mics?.has(mic.id) !== false && labels?.has(label.id) !== false
  })
}

/** `name` is a part of the name, in either case; `edge_id` is the whole id. */
const micsOf = (mics: readonly SampleMic[], query: FakeQuery) => {
  const part = query.one("name")?.toLowerCase() ?? ""
  const edge = query.one("edge_id")
  return mics.filter((mic) => mic.name.toLowerCase().includes(part) && (edge ?? mic.edge_id) === mic.edge_id)
}
