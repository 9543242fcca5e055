/** At most `count` requests in any `millis` milliseconds. */
export interface Limit {
  readonly count: number
  readonly millis: number
}

/** When a request may be sent, and the limit that delays it, if any. */
interface Slot {
  readonly at: number
  readonly limit: number | undefined
}

/** What {@link endpointBudget} makes. */
export type EndpointBudget = ReturnType<typeof endpointBudget>

/**
 * How much longer than its time each limit is applied, in milliseconds: requests do not all take the same time to arrive,
 * so they may arrive closer together than they were sent.
 */
const margin = 100

/**
 * The budget of one endpoint: pure; times are milliseconds of any clock that does not go back. Each request is booked for
 * the first moment at which no limit is exceeded.
 */
export const endpointBudget = (limits: ReadonlyArray<Limit>) => {
  /** When requests were or will be sent, in order. */
  let booked: Array<number> = []
  let opensAt = -Infinity
  const longest = Math.max(0, ...limits.map(({ millis }) => millis)) + margin

  const forgetBefore = (time: number) => {
    const kept = booked.findIndex((at) => at > time)
    // Removed in large pieces, because each slice copies everything that remains.
    if (kept > 64 || kept < 0) booked = kept < 0 ? [] : booked.slice(kept)
  }

  return {
    /** The first free slot; it is not booked yet. */
    next: (now: number): Slot => {
      forgetBefore(now - longest)
      let slot: Slot = { at: Math.max(now, opensAt, booked.at(-1) ?? now), limit: undefined }
      for (const { count, millis } of limits) {
        const before = booked[booked.length - count]
        const at = before === undefined ? -Infinity : before + millis + margin
        if (at > slot.at) slot = { at, limit: count }
      }
      return slot
    },
    book: (at: number): void => {
      if (limits.length > 0) booked.push(at)
    },
    release: (at: number): void => {
      const index = booked.lastIndexOf(at)
      if (index >= 0) booked.splice(index, 1)
    },
    /** Nothing is sent before that time, whatever the limits allow. */
    close: (until: number): void => {
      opensAt = Math.max(opensAt, until)
    },
    opensAt: () => opensAt
  }
}
