import { checkInstant, checkStrings, isDate, refuseArgument } from "../pages/argumentChecks.ts"
import { checkPageQuery, type FilterChecks, type QueryCheck } from "../pages/PageRequest.ts"
import type { EventQuery } from "./EventQuery.ts"

const filterChecks: FilterChecks<EventQuery> = {
  start: checkInstant,
  end: checkInstant,
  mic_id: checkStrings,
  label_id: checkStrings
}

/** Matches a string that means the same instant everywhere: with a zone, or a date alone, which ISO 8601 reads in UTC. */
const isUnambiguous = /^[^:]+$|(?:Z|[+-]\d\d(?::?\d\d)?)$/i

/** Compares only unambiguous times: a time without a zone depends on the server. */
const checkOrder = ({ end, start }: EventQuery): void => {
  const [from, to] = [start, end].map((each) => (isDate(each) ? each.toISOString() : (each ?? "")))
  if (from === undefined || to === undefined || !isUnambiguous.test(from) || !isUnambiguous.test(to)) return
  if (Date.parse(from) > Date.parse(to)) refuseArgument("end", "is before start", "Swap start and end.")
}

export const checkEventQuery: QueryCheck<EventQuery> = (query, method) => {
  const request = checkPageQuery(query, method, filterChecks)
  if (query !== undefined) checkOrder(query)
  return request
}
