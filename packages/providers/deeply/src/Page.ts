/**
 * One page of a list, as the API gives it: what is not documented is in it too, but not in this type.
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
  /** Its number, from 1. */
  readonly page: number
  /** How many items a page has at most. */
  readonly size: number
  /** How many items there are on all pages. */
  readonly total_cnt: number
  /** The number of the last page. */
  readonly max_page: number
  readonly results: ReadonlyArray<Item>
}

/**
 * Which page, and of what size.
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
  /** From 1, which is the default. `all` begins there. */
  readonly page?: number | undefined
  /** Items a page, 1 to 100; by default 10 for `list`, and 100 for `all`, which makes the fewest requests. */
  readonly size?: number | undefined
}
