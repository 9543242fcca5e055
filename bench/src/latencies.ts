/** Tenths of a millisecond up to this many milliseconds; anything longer counts as that. */
const longest = 20_000

/** Counts latencies in a fixed amount of memory, so that measuring does not show in the memory that is measured. */
export const latencies = () => {
  const buckets = new Uint32Array(longest * 10 + 1)
  let count = 0
  return {
    add: (millis: number): void => {
      const bucket = Math.min(Math.round(millis * 10), longest * 10)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
      count += 1
    },
    /** The latency that this part of all, between 0 and 1, does not exceed, in milliseconds. */
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
