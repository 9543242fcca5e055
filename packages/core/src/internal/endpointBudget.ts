/** So many requests in any stretch of so many milliseconds. */
export interface Limit {
  readonly count: number
  readonly millis: number
}

/** A place in time for one request, and the limit that put it there, if it is not now. */
interface Place {
  readonly at: number
  readonly limit: number | undefined
}

/** What {@link endpointBudget} makes. */
export type EndpointBudget = ReturnType<typeof endpointBudget>

/**
 * How much longer each stretch is counted than told, in milliseconds: requests do not all take the same time to arrive,
 * so those of two stretches may come closer together than they were sent.
 */
const margin = 100

/**
 * The budget of one endpoint: pure, a time is a number of milliseconds of any clock that does not go back. Each request
 * is booked for the first moment at which no stretch holds more than its count.
 */
export const endpointBudget = (limits: ReadonlyArray<Limit>) => {
  /** When requests were sent or will be, in order. */
  let booked: Array<number> = []
  let opensAt = -Infinity
  const longest = Math.max(0, ...limits.map(({ millis }) => millis)) + margin

  const forgetBefore = (time: number) => {
    const kept = booked.findIndex((at) => at > time)
    // In large pieces: a piece costs as much as all that stays.
    if (kept > 64 || kept < 0) booked = kept < 0 ? [] : booked.slice(kept)
  }

  return {
    /** The first place that is free; taking it is another step. */
    next: (now: number): Place => {
      forgetBefore(now - longest)
      let place: Place = { at: Math.max(now, opensAt, booked.at(-1) ?? now), limit: undefined }
      for (const { count, millis } of limits) {
        const before = booked[booked.length - count]
        const at = before === undefined ? -Infinity : before + millis + margin
        if (at > place.at) place = { at, limit: count }
      }
      return place
    },
    book: (at: number): void => {
      if (limits.length > 0) booked.push(at)
    },
    giveBack: (at: number): void => {
      const index = booked.lastIndexOf(at)
      if (index >= 0) booked.splice(index, 1)
    },
    /** Nothing is sent before that time, whatever the limits say. */
    close: (until: number): void => {
      opensAt = Math.max(opensAt, until)
    },
    opensAt: () => opensAt
  }
}
