import { type Bucket, type BucketSettings, takeOne } from "./tokenBucket.ts"

/** How far another host's clock may be ahead and still be believed, in milliseconds. */
const skew = 60_000

/**
 * This process's own token bucket for issue calls (TOK-8). Time is the monotonic clock's, in milliseconds, so that no
 * jump of the wall clock opens it.
 */
export const issueBudget = (settings: BucketSettings) => {
  let bucket: Bucket | undefined
  let before: Bucket | undefined
  return {
    /** Takes one; answers how long until there is one, in milliseconds: 0 when it was taken. */
    take: (now: number): number => {
      const taken = takeOne(bucket, settings, now)
      before = bucket
      bucket = taken.bucket
      return taken.wait
    },
    /** The call that one was taken for leaves only now, and counts from here: what waited must not add to a burst. */
    sent: (now: number): void => {
      bucket = takeOne(before, settings, now).bucket
    }
  }
}

/**
 * Takes one from the bucket that all share who use a storage. Its time is the wall clock's: a host whose clock is behind
 * does not turn it back, and one that was far ahead does not close it.
 */
export const takeShared = (bucket: Bucket | undefined, settings: BucketSettings, now: number) =>
  takeOne(bucket, settings, bucket !== undefined && bucket.at - now < skew ? Math.max(bucket.at, now) : now)
