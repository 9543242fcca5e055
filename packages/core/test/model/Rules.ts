// What the promises say about numbers, written anew: nothing here comes from the sources.

/** TOK-8: no window of monotonic time holds more issue calls than a bucket of `burst`, refilled once a second, allows. */
export const budgetRule = (burst: number) => {
  const calls: Array<number> = []
  /** How many more calls would fit at this instant, over every window that ends with it. */
  const room = (now: number): number =>
    calls.reduce((least, at, index) => {
      const made = calls.length - index
      return Math.min(least, burst + (now - at) / 1_000 - made)
    }, burst)
  return { room, spend: (now: number) => void calls.push(now) }
}

interface Refusal {
  readonly code: "API_KEY_REJECTED" | "RATE_LIMITED"
  readonly wall: number
  readonly mono: number
}

/** KEY-2: what the issuer refused, until either clock says that it is over; a rejected key waits double the next time. */
export const refusalRule = (clock: { readonly wall: number; readonly mono: number }) => {
  const refusals = new Map<string, Refusal>()
  const times = new Map<string, number>()
  const note = (key: string, code: Refusal["code"], millis: number) =>
    void refusals.set(key, { code, wall: clock.wall + millis, mono: clock.mono + millis })
  return {
    reject: (key: string) => {
      const before = times.get(key) ?? 0
      times.set(key, before + 1)
      note(key, "API_KEY_REJECTED", Math.min(30_000 * 2 ** before, 120_000))
    },
    limit: (key: string, millis: number) => note(key, "RATE_LIMITED", millis),
    standing: (key: string): Refusal["code"] | undefined => {
      const refusal = refusals.get(key)
      return refusal !== undefined && clock.mono < refusal.mono && clock.wall < refusal.wall ? refusal.code : undefined
    },
    /** When it can be tried again, in epoch milliseconds. */
    retryAt: (key: string): number => refusals.get(key)?.wall ?? 0,
    /** In how many milliseconds the monotonic clock ends it. */
    left: (key: string): number => (refusals.get(key)?.mono ?? 0) - clock.mono,
    forget: (key?: string) => {
      for (const memory of [refusals, times]) {
        if (key === undefined) memory.clear()
        else memory.delete(key)
      }
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
export const backOffRange = (failures: number, life: number): readonly [number, number] => {
  const [short, long] = windowRange(life).map((window) =>
    Math.min(Math.min(1_000, window / 2) * 2 ** (failures - 1), 60_000)
  )
  return [short! / 2, long!]
}

/** TOK-6: the lives that "expired" refusals at these ages can have taught: two that agree, and then the shorter. */
export const taught = (ages: ReadonlyArray<number>): ReadonlyArray<number> =>
  ages.flatMap((age, index) =>
    ages
      .slice(0, index)
      .filter((before) => Math.max(age, before) <= Math.min(age, before) * 1.2)
      .map((before) => Math.min(age, before))
  )
