// What the promises say about numbers, written anew: nothing here comes from the sources.

/** TOK-8: no window of monotonic time holds more issue calls than a bucket of `burst`, refilled once a second, allows. */
export const budgetRule = (burst: number) => {
  const calls: Array<number> = []
  const taken: Array<number> = []
  /** How many more would fit at this instant, over every window that ends with it. */
  const roomIn = (spent: ReadonlyArray<number>, now: number): number =>
    spent.reduce((least, at, index) => Math.min(least, burst + (now - at) / 1_000 - (spent.length - index)), burst)
  return {
    room: (now: number) => roomIn(calls, now),
    spend: (now: number) => void calls.push(now),
    /** A place was taken for a call, which then was made or not. */
    take: (now: number) => void taken.push(now),
    /** The call that the last one was taken for is made. */
    use: (now: number) => void taken.splice(-1, 1, now),
    canTake: (now: number) => roomIn(taken, now) > 1 - 1e-6,
    isExceeded: (now: number) => roomIn(taken, now) < 1 + 1e-6
  }
}

interface Bucket {
  readonly left: number
  readonly at: number
}

/** TOK-8: what is left for all who share a storage, by the wall clock; another's may be a minute ahead, and not more. */
export const sharedRoom = (bucket: Bucket | undefined, burst: number, wall: number): number => {
  if (bucket === undefined) return burst
  const passed = bucket.at > wall ? 0 : wall - bucket.at
  return Math.min(burst, bucket.left + passed / 1_000)
}

interface Refusal {
  readonly code: "API_KEY_REJECTED" | "RATE_LIMITED"
  readonly wall: number
  readonly mono: number
  /** Whether others may know of it: a portal's word stays here. */
  readonly isShared: boolean
}

/** What another process was refused. */
export interface HeardRefusal {
  readonly kind: "rejected" | "limited"
  readonly at: number
  readonly until: number
  /** How often in a row. */
  readonly times: number
}

const codeOf = { rejected: "API_KEY_REJECTED", limited: "RATE_LIMITED" } as const

/** KEY-2: what the issuer refused, until either clock says that it is over; a rejected key waits double the next time. */
export const refusalRule = (clock: { readonly wall: number; readonly mono: number }) => {
  const refusals = new Map<string, Refusal>()
  const times = new Map<string, number>()
  let forgottenAt = -Infinity

  const note = (key: string, code: Refusal["code"], millis: number, isShared: boolean) =>
    void refusals.set(key, { code, wall: clock.wall + millis, mono: clock.mono + millis, isShared })

  const stands = (refusal: Refusal | undefined): refusal is Refusal =>
    refusal !== undefined && clock.mono < refusal.mono && clock.wall < refusal.wall

  return {
    reject: (key: string, isShared: boolean) => {
      const before = times.get(key) ?? 0
      times.set(key, before + 1)
      note(key, "API_KEY_REJECTED", Math.min(30_000 * 2 ** before, 120_000), isShared)
    },
    limit: (key: string, millis: number) => note(key, "RATE_LIMITED", millis, true),
    /** Whether a refusal that others were given counts here: not when it is over, absurd, or was to be forgotten. */
    isHeeded: ({ at, kind, until }: HeardRefusal): boolean => {
      const left = until - clock.wall
      return at > forgottenAt && left > 0 && left <= (kind === "rejected" ? 120_000 : 600_000)
    },
    heed: (key: string, { kind, times: heard, until }: HeardRefusal) => {
      times.set(key, Math.max(times.get(key) ?? 0, heard))
      note(key, codeOf[kind], until - clock.wall, true)
    },
    standing: (key: string): Refusal["code"] | undefined => {
      const refusal = refusals.get(key)
      return stands(refusal) ? refusal.code : undefined
    },
    last: (key: string): unknown => refusals.get(key),
    /** Until when all should know that it stands, in epoch milliseconds. */
    shared: (key: string): number | undefined => {
      const refusal = refusals.get(key)
      return stands(refusal) && refusal.isShared ? refusal.wall : undefined
    },
    /** When it can be tried again, in epoch milliseconds. */
    retryAt: (key: string): number => refusals.get(key)?.wall ?? 0,
    /** In how many milliseconds the monotonic clock ends it. */
    left: (key: string): number => (refusals.get(key)?.mono ?? 0) - clock.mono,
    /** The key was accepted. */
    accept: (key: string) => {
      for (const memory of [refusals, times]) memory.delete(key)
    },
    forget: () => {
      forgottenAt = clock.wall
      for (const memory of [refusals, times]) memory.clear()
    }
  }
}

/** TOK-9: lives that can be; others are as if nobody had told. */
export const isLife = (life: number | undefined): life is number =>
  life !== undefined && life >= 1_000 && life <= 10 * 366 * 86_400_000

/** TOK-5: the last fifth of a life, at most 10 minutes, moved by a tenth at most: the shortest and the longest. */
export const windowRange = (life: number): readonly [number, number] => {
  const wanted = Math.min(life / 5, 600_000)
  return [wanted * 0.9, wanted * 1.1]
}

/** TOK-5: how long a failed background renewal is left alone, at least and at most, in milliseconds. */
export const backOffRange = (
  failures: { readonly least: number; readonly most: number },
  life: number
): readonly [number, number] => {
  const [short, long] = windowRange(life)
  const after = (window: number, times: number) => Math.min(Math.min(1_000, window / 2) * 2 ** (times - 1), 60_000)
  return [after(short, failures.least) / 2, after(long, failures.most)]
}

/** STO-2: how long a storage that failed is left alone, at least and at most, in milliseconds. */
export const probeRange = [1_000, 30_000] as const

/** STO-2: how long a storage that begins to fail is tried again, in milliseconds. */
export const grace = 2_000

/** TOK-3: after so long, in milliseconds, a lease that does not end is no longer believed to. */
export const longestLease = 12_000 + 1_000

/** TOK-3: how long it takes those who wait to find what changed, in milliseconds. */
export const pollLimit = { none: 80, fails: 80, tells: 510, misses: 510 } as const

/** TOK-6: the lives that "expired" refusals at these ages can have taught: two that agree, and then the shorter. */
export const taught = (ages: ReadonlyArray<number>): ReadonlyArray<number> =>
  ages.flatMap((age, index) =>
    ages
      .slice(0, index)
      .filter((before) => Math.max(age, before) <= Math.min(age, before) * 1.2)
      .map((before) => Math.min(age, before))
  )
