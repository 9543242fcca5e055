import type { Page } from "../Page.ts"
import type { PageRequest } from "./query.ts"

interface Identified {
  readonly id: string
}

/**
 * How many ids are remembered. Items that come in at the top push others onto the next page, so that only the last ones
 * can come again.
 */
const remembered = 10_000

/** How many pages without anything new are read in a row, while more is promised. */
const maxRepeated = 100

/** Where the reading of all pages is. */
export interface Reading {
  readonly request: PageRequest
  readonly seen: Set<string>
  /** How many items there were at first. */
  readonly total: number | undefined
  /** How many items came again. */
  readonly again: number
  /** How many pages in a row had nothing new. */
  readonly repeated: number
}

export const beginReading = (request: PageRequest): Reading => ({
  request,
  seen: new Set(),
  total: undefined,
  again: 0,
  repeated: 0
})

const remember = (seen: Set<string>, id: string): void => {
  seen.add(id)
  const [oldest] = seen
  if (seen.size > remembered && oldest !== undefined) seen.delete(oldest)
}

/** Each item once: those of the page that were not on the pages before it, by their ids. */
const newIn = <Item extends Identified>({ results }: Page<Item>, seen: Set<string>): ReadonlyArray<Item> => {
  const fresh: Array<Item> = []
  for (const item of results) {
    if (seen.has(item.id)) continue
    remember(seen, item.id)
    fresh.push(item)
  }
  return fresh
}

/**
 * What a page adds, and where to read on, if anywhere. It does not end by the server's word alone: a server that repeats
 * pages, or promises more than it has, would never be done.
 */
export const readPage = <Item extends Identified>(
  reading: Reading,
  page: Page<Item>
): readonly [items: ReadonlyArray<Item>, next: Reading | undefined] => {
  const { request, seen, total = page.total_cnt } = reading
  const items = newIn(page, seen)
  const again = reading.again + page.results.length - items.length
  const repeated = items.length > 0 ? 0 : reading.repeated + 1
  const promisesMore = request.page < page.max_page || request.page * page.size < page.total_cnt
  // Each item that came in at the top makes one come again: as many as that are no repetition.
  const isPushed = page.results.length > 0 && again <= page.total_cnt - total && repeated < maxRepeated
  if (!promisesMore || (items.length === 0 && !isPushed)) return [items, undefined]
  return [items, { request: { ...request, page: request.page + 1 }, seen, total, again, repeated }]
}
