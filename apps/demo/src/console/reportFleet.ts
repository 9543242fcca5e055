import type { ConsoleFeed } from "console-page"
import type { Member } from "fleet"
import type { Slot } from "./startDemoFleet.ts"

/** What a process has reported, as a row of the console. */
const reportConnection = (feed: ConsoleFeed, { id, name }: Slot, { lease, status }: Member): void => {
  if (status === undefined) return
  const { lastError, nextRenewalAt, state, token } = status
  const usable = token === undefined ? "none" : "usable"
  feed.connection({
    id,
    process: id,
    name,
    state: state === "renewing" || state === "degraded" ? state : state === "key-rejected" ? "failing" : usable,
    lease,
    ...(token === undefined
      ? undefined
      : {
          token: {
            id: token.id,
            issuedAt: token.issuedAt,
            ...(token.expiresAt === undefined ? undefined : { expiresAt: token.expiresAt })
          }
        }),
    ...(nextRenewalAt === undefined ? undefined : { nextRenewalAt }),
    ...(lastError === undefined
      ? undefined
      : { lastError: { at: lastError.at, code: lastError.code, advice: lastError.message } })
  })
}

/** Adds to the console what the processes have reported since the last call, and what the API has counted. */
export const makeFleetReporter = (
  feed: ConsoleFeed,
  slots: ReadonlyArray<Slot>,
  api: { readonly stats: { readonly tokenRequests: number } }
) => {
  const counted = new Map<Member, { readonly requests: number; readonly failed: number }>()
  let tokenRequests = 0
  return (): void => {
    for (const slot of slots) {
      for (const member of slot.members) {
        const { failed, requests } = member
        const before = counted.get(member) ?? { requests: 0, failed: 0 }
        if (requests === before.requests) continue
        counted.set(member, { requests, failed })
        const served = requests - failed - (before.requests - before.failed)
        feed.countRequests(slot.id, { served, failed: failed - before.failed })
      }
      const current = slot.members.at(-1)
      if (current !== undefined) reportConnection(feed, slot, current)
    }
    const total = api.stats.tokenRequests
    if (total > tokenRequests) feed.countTokenRequests(total - tokenRequests)
    tokenRequests = total
  }
}
