/** @internal How many requests an endpoint takes before it answers 429. */
export interface Rates {
  readonly perSecond: number
  readonly perMinute: number
}

/** @internal A refusal: the limit that was reached, and when its window ends, in epoch milliseconds. */
export interface Refusal {
  readonly limit: number
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
 * Counts requests per endpoint in fixed windows of a second and of a minute; each opens with the first request after
 * the one before has ended. A refused request is not counted.
 *
 * @internal
 */
export class FakeRateLimit {
  readonly #rates: Rates | undefined
  readonly #windows = new Map<string, readonly Window[]>()

  constructor(rates: Rates | undefined) {
    this.#rates = rates
  }

  /** Counts one request to `endpoint`; the answer is the refusal, where there is one. */
  take(endpoint: string, now: number): Refusal | undefined {
    if (this.#rates === undefined) return undefined
    const windows = this.#windowsOf(endpoint, this.#rates)
    for (const each of windows) reopen(each, now)
    // The longest wait is told, so that who obeys it is not refused again by the other window.
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

/** A clock that was set back opens a new window too: else the endpoint would stay shut until it has caught up. */
const reopen = (each: Window, now: number) => {
  if (now >= each.start && now < each.start + each.length) return
  each.start = now
  each.used = 0
}
