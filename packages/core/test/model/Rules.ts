// The numbers in the guarantees, written independently: nothing here is imported from the sources.

/**
 * TOK-8: no period of monotonic time has more token requests than a bucket of `burst` with one more per second allows.
 */
export const budgetRule = (burst: number) => {
  const calls: Array<number> = []
  const taken: Array<number> = []
  /** How many more are allowed now, considering every period that ends now. */
  const leftIn = (spent: ReadonlyArray<number>, now: number): number =>
    spent.reduce((least, at, index) => Math.min(least, burst + (now - at) / 1_000 - (spent.length - index)), burst)
  return {
    left: (now: number) => leftIn(calls, now),
    send: (now: number) => void calls.push(now),
    /** A request was taken from the budget, and may be sent or not. */
    take: (now: number) => void taken.push(now),
    /** The request that was taken last is sent. */
    use: (now: number) => void taken.splice(-1, 1, now),
    canTake: (now: number) => leftIn(taken, now) > 1 - 1e-6,
    isExceeded: (now: number) => leftIn(taken, now) < 1 + 1e-6
  }
}

interface Bucket {
  readonly left: number
  readonly at: number
}

/** TOK-9: how far ahead of this clock a stored instant may be and still count, in milliseconds. */
const maxAhead = 5_000

/** TOK-9: whether a stored instant is of a clock that is wrong, and so does not count. */
export const isAhead = (at: number, wall: number): boolean => at > wall + maxAhead

/** TOK-8: what is left of the shared budget, by the wall clock. */
export const leftShared = (bucket: Bucket | undefined, burst: number, wall: number): number => {
  if (bucket === undefined) return burst
  const passed = bucket.at > wall ? 0 : wall - bucket.at
  return Math.min(burst, bucket.left + passed / 1_000)
}

interface Rejection {
  readonly code: "API_KEY_REJECTED" | "RATE_LIMITED"
  readonly wall: number
  readonly mono: number
  /** Whether it is shared: a rejection that a portal may have sent is not. */
  readonly isShared: boolean
}

/** A rejection that another process received. */
export interface SharedRejectionFields {
  readonly kind: "rejected" | "limited"
  readonly at: number
  readonly until: number
  /** How often in a row the key was rejected. */
  readonly times: number
}

const codeOf = { rejected: "API_KEY_REJECTED", limited: "RATE_LIMITED" } as const

/** KEY-2: rejections, until either clock says that they end; the cool-down doubles with each rejection of a key. */
export const rejectionRule = (clock: { readonly wall: number; readonly mono: number }) => {
  const rejections = new Map<string, Rejection>()
  const times = new Map<string, number>()
  let forgottenAt = -Infinity

  const note = (key: string, code: Rejection["code"], millis: number, isShared: boolean) =>
    void rejections.set(key, { code, wall: clock.wall + millis, mono: clock.mono + millis, isShared })

  const isActive = (rejection: Rejection | undefined): rejection is Rejection =>
    rejection !== undefined && clock.mono < rejection.mono && clock.wall < rejection.wall

  return {
    reject: (key: string, isShared: boolean) => {
      const before = times.get(key) ?? 0
      times.set(key, before + 1)
      note(key, "API_KEY_REJECTED", Math.min(30_000 * 2 ** before, 120_000), isShared)
    },
    limit: (key: string, millis: number) => note(key, "RATE_LIMITED", millis, true),
    /** Whether another client's rejection applies here: it has not ended, is plausible, and was not forgotten. */
    isApplicable: ({ at, kind, until }: SharedRejectionFields): boolean => {
      const left = until - clock.wall
      const isForgotten = at <= clock.wall - (clock.mono - forgottenAt)
      return !isForgotten && !isAhead(at, clock.wall) && left > 0 && left <= (kind === "rejected" ? 120_000 : 600_000)
    },
    apply: (key: string, { kind, times: heard, until }: SharedRejectionFields) => {
      times.set(key, Math.max(times.get(key) ?? 0, heard))
      note(key, codeOf[kind], until - clock.wall, true)
    },
    active: (key: string): Rejection["code"] | undefined => {
      const rejection = rejections.get(key)
      return isActive(rejection) ? rejection.code : undefined
    },
    last: (key: string): unknown => rejections.get(key),
    /** Until when the shared rejection is active, in epoch milliseconds. */
    shared: (key: string): number | undefined => {
      const rejection = rejections.get(key)
      return isActive(rejection) && rejection.isShared ? rejection.wall : undefined
    },
    /** When the key may be sent again, in epoch milliseconds. */
    retryAt: (key: string): number => rejections.get(key)?.wall ?? 0,
    /** How long it is active by the monotonic clock, in milliseconds. */
    left: (key: string): number => (rejections.get(key)?.mono ?? 0) - clock.mono,
    /** The key was accepted. */
    accept: (key: string) => {
      for (const memory of [rejections, times]) memory.delete(key)
    },
    forget: () => {
      forgottenAt = clock.mono
      for (const memory of [rejections, times]) memory.clear()
    }
  }
}

/** TOK-9: plausible lifetimes; others are ignored. */
export const isLifetime = (lifetime: number | undefined): lifetime is number =>
  lifetime !== undefined && lifetime >= 1_000 && lifetime <= 10 * 366 * 86_400_000

/**
 * TOK-5: the last fifth of a lifetime, at most 10 minutes, shifted by a tenth at most: the shortest and the longest
 * window.
 */
export const windowRange = (lifetime: number): readonly [number, number] => {
  const mustReach = Math.min(lifetime / 5, 600_000)
  return [mustReach * 0.9, mustReach * 1.1]
}

/** TOK-5: the shortest and the longest back-off after a failed background renewal, in milliseconds. */
export const backOffRange = (failures: number, lifetime: number): readonly [number, number] => {
  const [short, long] = windowRange(lifetime)
  const after = (window: number) => Math.min(Math.min(1_000, window / 2) * 2 ** (failures - 1), 60_000)
  return [after(short) / 2, after(long)]
}

/** STO-2: the shortest and the longest time before a failed storage is checked, in milliseconds. */
export const probeRange = [1_000, 30_000] as const

/** STO-2: how long a storage that begins to fail is retried, in milliseconds. */
export const grace = 2_000

/** TOK-3: how long one lease is believed to last at most, in milliseconds. */
export const longestLease = 12_000 + 1_000

/** TOK-3: how long a waiting client takes at most to find a change that is not reported, in milliseconds. */
export const pollLimit = { none: 80, fails: 1_010, reports: 3_760, misses: 3_760 } as const

/** TOK-6: the lifetimes that can be learned from tokens that expired at these ages: of two that agree, the shorter. */
export const learnable = (ages: ReadonlyArray<number>): ReadonlyArray<number> =>
  ages.flatMap((age, index) =>
    ages
      .slice(0, index)
      .filter((before) => Math.max(age, before) <= Math.min(age, before) * 1.2)
      .map((before) => Math.min(age, before))
  )
