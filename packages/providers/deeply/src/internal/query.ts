import { AuthError } from "@tokenkeep/core"
import type { EventQuery } from "../DeeplyEvent.ts"
import type { MicQuery } from "../DeeplyMic.ts"
import type { PageQuery } from "../Page.ts"
import { iso8601 } from "./iso8601.ts"

/** A query that was checked, and does not change any more. */
export interface PageRequest {
  readonly page: number
  readonly size: number
  /** Everything else, encoded: `label_id=crying&mic_id=mic-1`, or nothing. */
  readonly filters: string
}

/** How many items a page has where the query does not say: what the API does by itself, or the fewest requests. */
const sizes = { list: 10, all: 100 }

/** Checks a query; throws `CONFIG_INVALID` naming the argument that cannot work. */
export type QueryCheck<Query> = (query: Query | undefined, purpose: keyof typeof sizes) => PageRequest

/** Throws the error for an argument that cannot work: nothing was sent. */
const refuse = (option: string, what: string, fix: string): never => {
  throw AuthError.of({ _tag: "ConfigInvalid", option }, { what: `The argument ${option} ${what}.`, fix })
}

// eslint-disable-next-line no-control-regex -- what no id or name has, and what a URL would lose or change
const unfit = /[\u0000-\u001f\u007f]|\p{Cs}/u

const textOf = (option: string, value: unknown): string => {
  if (typeof value !== "string") return refuse(option, "is not a text", "Give a string.")
  if (value === "") return refuse(option, "is empty", "Leave it out for all.")
  if (unfit.test(value)) return refuse(option, "holds a control character or half a character", "Correct it.")
  return value
}

const wholeOf = (option: string, value: unknown, max: number): number => {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max) return value as number
  const upTo = max === Number.MAX_SAFE_INTEGER ? "of at least 1" : `from 1 to ${max}`
  return refuse(option, `is not a whole number ${upTo}`, "Correct it, or leave it out for the default.")
}

/** What stands for one moment wherever it is read: a date alone is taken for its beginning in UTC. */
const zoned = /^[^:]+$|(?:Z|[+-]\d\d(?::?\d\d)?)$/i

const instantOf = (option: string, value: unknown): string => {
  const fix = "Give a Date, or a text such as 2025-08-01T09:00:00Z."
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? refuse(option, "is an invalid date", fix) : value.toISOString()
  }
  if (typeof value !== "string") return refuse(option, "is neither a Date nor a text", fix)
  return iso8601.test(value) && !Number.isNaN(Date.parse(value)) ? value : refuse(option, "is not in ISO 8601", fix)
}

/** One value, or each of several. */
const severalOf = (option: string, value: unknown): ReadonlyArray<string> => {
  if (!Array.isArray(value)) return [textOf(option, value)]
  if (value.length === 0) return refuse(option, "is an empty list", "Leave it out for all.")
  return value.map((each) => textOf(option, each))
}

type Readers<Query> = { readonly [Name in Exclude<keyof Query, keyof PageQuery>]-?: Reader }
type Reader = (option: string, value: unknown) => string | ReadonlyArray<string>

const pageRequest = <Query extends PageQuery>(
  query: Query | undefined,
  readers: Readers<Query>,
  purpose: keyof typeof sizes
): PageRequest => {
  if (query !== undefined && (typeof query !== "object" || query === null)) {
    return refuse("query", "is not an object", "Give one such as { page: 2 }, or leave it out.")
  }
  const { page = 1, size = sizes[purpose], ...filters } = query ?? ({} as Query)
  const known = new Map<string, Reader>(Object.entries(readers))
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(filters)) {
    if (value === undefined) continue
    const names = ["page", "size", ...known.keys()].join(", ")
    const read = known.get(name) ?? refuse(name, "is not known", `Use ${names}; for others, use fetch.`)
    for (const each of [read(name, value)].flat()) parameters.append(name, each)
  }
  return {
    page: wholeOf("page", page, Number.MAX_SAFE_INTEGER),
    size: wholeOf("size", size, 100),
    filters: parameters.toString()
  }
}

/** Only what surely is in the wrong order: a text without a zone may be anywhere. */
const checkOrder = ({ end, start }: EventQuery): void => {
  const [from, to] = [start, end].map((each) => (each instanceof Date ? each.toISOString() : (each ?? "")))
  if (from === undefined || to === undefined || !zoned.test(from) || !zoned.test(to)) return
  if (Date.parse(from) > Date.parse(to)) refuse("end", "is before the start", "Swap the two.")
}

export const eventQuery: QueryCheck<EventQuery> = (query, purpose) => {
  const readers = { start: instantOf, end: instantOf, mic_id: severalOf, label_id: severalOf }
  const request = pageRequest<EventQuery>(query, readers, purpose)
  if (query !== undefined) checkOrder(query)
  return request
}

export const micQuery: QueryCheck<MicQuery> = (query, purpose) =>
  pageRequest<MicQuery>(query, { name: textOf, edge_id: textOf }, purpose)

/** An id as one segment of a path, which it cannot leave; throws `CONFIG_INVALID`. */
export const idSegment = (id: unknown): string => {
  if (id === undefined || id === "") return refuse("id", "is empty", "Give the id of one item.")
  const text = textOf("id", id)
  // No encoding makes these a name: a URL takes them for steps, encoded as well.
  if (text === "." || text === "..") return refuse("id", "is a step in a path", "Give the id of one item.")
  return encodeURIComponent(text)
}
