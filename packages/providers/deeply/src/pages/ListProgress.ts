import type { Page } from "./Page.ts"
import type { PageRequest } from "./PageRequest.ts"

/** How many ids are remembered. New items push old ones to the next page, so only recent ids can come again. */
const maxSeenIds = 10_000

/** After this many pages in a row without a new item, the list ends even if the server promises more. */
const maxPagesWithoutNews = 100

/** How far `all` has read a list. */
export interface ListProgress {
  /** The page to fetch next. */
  readonly request: PageRequest
  readonly seenIds: Set<string>
  /** `total_cnt` of the first page. */
  readonly firstTotal: number | undefined
  /** How many items were already on an earlier page. */
  readonly repeatedItems: number
  /** How many pages in a row had no new item. */
  readonly pagesWithoutNews: number
}

export const startList = (request: PageRequest): ListProgress => ({
  request,
  seenIds: new Set(),
  firstTotal: undefined,
  repeatedItems: 0,
  pagesWithoutNews: 0
})

const remember = (seenIds: Set<string>, id: string): void => {
  seenIds.add(id)
  const [oldest] = seenIds
  if (seenIds.size > maxSeenIds && oldest !== undefined) seenIds.delete(oldest)
}

interface Identified {
  readonly id: string
}

/** Returns the items whose ids have not been seen, and remembers their ids. */
const takeNew = <Item extends Identified>({ results }: Page<Item>, seenIds: Set<string>): ReadonlyArray<Item> => {
  const newItems: Array<Item> = []
  for (const item of results) {
    if (seenIds.has(item.id)) continue
    remember(seenIds, item.id)
    newItems.push(item)
  }
  return newItems
}

/**
 * Returns the new items of a page, and the progress for the next page; `undefined` if the list has ended.
 *
 * The server's page counts alone do not decide: a server that repeats pages, or promises more than it has, would keep
 * the loop running forever.
 */
export const readPage = <Item extends Identified>(
  progress: ListProgress,
  page: Page<Item>
): readonly [items: ReadonlyArray<Item>, next: ListProgress | undefined] => {
  const { request, seenIds, firstTotal = page.total_cnt } = progress
  const items = takeNew(page, seenIds)
  const repeatedItems = progress.repeatedItems + page.results.length - items.length
  const pagesWithoutNews = items.length > 0 ? 0 : progress.pagesWithoutNews + 1
  const hasMore = request.page < page.max_page || request.page * page.size < page.total_cnt
  // Each item added at the top of the list pushes one old item to the next page. Only that many repeats are legitimate.
  const isPushedDown =
    page.results.length > 0 && repeatedItems <= page.total_cnt - firstTotal && pagesWithoutNews < maxPagesWithoutNews
  if (!hasMore || (items.length === 0 && !isPushedDown)) return [items, undefined]
  const nextRequest = { ...request, page: request.page + 1 }
  return [items, { request: nextRequest, seenIds, firstTotal, repeatedItems, pagesWithoutNews }]
}
