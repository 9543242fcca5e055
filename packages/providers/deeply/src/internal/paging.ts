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
  /** Pages without anything new since there was something. */
  readonly repeated: number
  /** How many items there were when there was something new last. */
  readonly total: number
}

export const beginReading = (request: PageRequest): Reading => ({ request, seen: new Set(), repeated: 0, total: 0 })

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
  { repeated, request, seen, total }: Reading,
  page: Page<Item>
): readonly [items: ReadonlyArray<Item>, next: Reading | undefined] => {
  const items = newIn(page, seen)
  const promisesMore = request.page < page.max_page || request.page * page.size < page.total_cnt
  // A page of known items alone is right where as many came in at the top meanwhile.
  const isPushed = page.results.length > 0 && page.total_cnt > total && repeated < maxRepeated
  if (!promisesMore || (items.length === 0 && !isPushed)) return [items, undefined]
  const next = { ...request, page: request.page + 1 }
  return items.length > 0
    ? [items, { request: next, seen, repeated: 0, total: page.total_cnt }]
    : [items, { request: next, seen, repeated: repeated + 1, total }]
}
