import { type ArgumentCheck, checkWholeNumber, refuseArgument } from "./argumentChecks.ts"
import type { PageQuery } from "./Page.ts"

/** A checked query. */
export interface PageRequest {
  readonly page: number
  /** Items per page. */
  readonly size: number
  /** The other parameters, URL-encoded: `label_id=crying&mic_id=mic-1`; may be empty. */
  readonly filters: string
}

/** Items per page by default: `list` uses the API's own default, `all` the largest size for the fewest requests. */
const defaultSizes = { list: 10, all: 100 }

export type ListMethod = keyof typeof defaultSizes

/** Checks a query; throws `CONFIG_INVALID` with the name of the first argument that is wrong. */
export type QueryCheck<Query> = (query: Query | undefined, method: ListMethod) => PageRequest

/** One check for each filter of a query. */
export type FilterChecks<Query> = { readonly [Name in Exclude<keyof Query, keyof PageQuery>]-?: ArgumentCheck }

export const checkPageQuery = <Query extends PageQuery>(
  query: Query | undefined,
  method: ListMethod,
  filterChecks: FilterChecks<Query>
): PageRequest => {
  if (query !== undefined && (typeof query !== "object" || query === null || Symbol.iterator in query)) {
    return refuseArgument("query", "is not an object", "Pass an object such as { page: 2 }, or leave it out.")
  }
  const given = query ?? ({} as Query)
  const { page = 1, size = defaultSizes[method] } = given
  const checks = new Map<string, ArgumentCheck>(Object.entries(filterChecks))
  const parameters = new URLSearchParams()
  // An instance of a class may inherit a filter, such as a getter.
  for (const name of new Set([...Object.keys(given), ...checks.keys()])) {
    const value = given[name as keyof Query]
    if (value === undefined || name === "page" || name === "size") continue
    const known = ["page", "size", ...checks.keys()].join(", ")
    const fix = `Use ${known}. For other parameters, use fetch.`
    const check = checks.get(name) ?? refuseArgument(name, "is not a parameter of this call", fix)
    for (const each of [check(name, value)].flat()) parameters.append(name, each)
  }
  return {
    page: checkWholeNumber("page", page, Number.MAX_SAFE_INTEGER),
    size: checkWholeNumber("size", size, 100),
    filters: parameters.toString()
  }
}
