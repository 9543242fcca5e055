import { checkString } from "../pages/argumentChecks.ts"
import { checkPageQuery, type QueryCheck } from "../pages/PageRequest.ts"
import type { MicQuery } from "./MicQuery.ts"

export const checkMicQuery: QueryCheck<MicQuery> = (query, method) =>
  checkPageQuery(query, method, { name: checkString, edge_id: checkString })
