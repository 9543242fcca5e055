/**
 * One page of a list, with the API's own field names. Undocumented fields stay in the object, but not in this type.
 *
 * @example
 * ```ts
 * import type { Page } from "@tokenkeep/deeply"
 *
 * const page: Page<string> = { page: 1, size: 2, total_cnt: 3, max_page: 2, results: ["a", "b"] }
 * console.log(page.results.length < page.total_cnt) // => true
 * ```
 */
export interface Page<Item> {
  /** The number of this page; the first is 1. */
  readonly page: number
  /** The most items a page can have. */
  readonly size: number
  /** The number of items on all pages together. */
  readonly total_cnt: number
  /** The number of the last page. */
  readonly max_page: number
  readonly results: ReadonlyArray<Item>
}

/**
 * Selects a page and its size.
 *
 * @example
 * ```ts
 * import type { PageQuery } from "@tokenkeep/deeply"
 *
 * const second: PageQuery = { page: 2, size: 50 }
 * console.log(second.size) // => 50
 * ```
 */
export interface PageQuery {
  /** The page number, from 1; default 1. `all` starts at this page. */
  readonly page?: number | undefined
  /** Items per page, 1 to 100; default 10 for `list`, and 100 for `all`, which needs the fewest requests that way. */
  readonly size?: number | undefined
}
