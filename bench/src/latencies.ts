/** In milliseconds. A longer latency counts as this one. */
const longest = 20_000

/** Counts latencies, to a tenth of a millisecond, in a fixed amount of memory: the soak measures the heap. */
export const latencies = () => {
  const buckets = new Uint32Array(longest * 10 + 1)
  let count = 0
  return {
    add: (millis: number): void => {
      const bucket = Math.min(Math.round(millis * 10), longest * 10)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
      count += 1
    },
    /** The quantile in milliseconds, for a part between 0 and 1. */
    at: (part: number): number => {
      let seen = 0
      for (const [bucket, times] of buckets.entries()) {
        seen += times
        if (seen > 0 && seen >= count * part) return bucket / 10
      }
      return NaN
    }
  }
}
