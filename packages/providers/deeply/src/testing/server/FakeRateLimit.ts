/** @internal How many requests an endpoint accepts before it responds with 429. */
export interface Rates {
  readonly perSecond: number
  readonly perMinute: number
}

/** @internal A limit that is used up. */
export interface Refusal {
  readonly limit: number
  /** The end of the window, in epoch milliseconds. */
  readonly reset: number
}

interface Window {
  readonly limit: number
  readonly length: number
  start: number
  used: number
}

const window = (limit: number, length: number): Window => ({ limit, length, start: -Infinity, used: 0 })

/**
 * Counts the requests of each endpoint in fixed windows of a second and a minute. A window starts with the first request
 * after the previous window has ended. A refused request is not counted.
 *
 * @internal
 */
export class FakeRateLimit {
  readonly #rates: Rates | undefined
  readonly #windows = new Map<string, readonly Window[]>()

  constructor(rates: Rates | undefined) {
    this.#rates = rates
  }

  /** Counts one request to `endpoint`; returns the limit that refuses it, if any. `now` is in epoch milliseconds. */
  take(endpoint: string, now: number): Refusal | undefined {
    if (this.#rates === undefined) return undefined
    const windows = this.#windowsOf(endpoint, this.#rates)
    for (const each of windows) restartIfOver(each, now)
    // The longer window comes last. A client that waits for it is not refused by the shorter one.
    const full = windows.findLast((each) => each.used >= each.limit)
    if (full !== undefined) return { limit: full.limit, reset: full.start + full.length }
    for (const each of windows) each.used += 1
    return undefined
  }

  #windowsOf(endpoint: string, rates: Rates): readonly Window[] {
    const known = this.#windows.get(endpoint)
    if (known !== undefined) return known
    const windows = [window(rates.perSecond, 1_000), window(rates.perMinute, 60_000)]
    this.#windows.set(endpoint, windows)
    return windows
  }
}

/** Starts a new window also if the clock was set back; otherwise the endpoint would refuse requests until it catches up. */
const restartIfOver = (each: Window, now: number) => {
  if (now >= each.start && now < each.start + each.length) return
  each.start = now
  each.used = 0
}
