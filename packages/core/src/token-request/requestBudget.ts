import { type Bucket, type BucketSettings, takeOne } from "./tokenBucket.ts"

/**
 * This process's own budget for token requests, in monotonic milliseconds, so that no jump of the wall clock
 * opens it.
 */
export const requestBudget = (settings: BucketSettings, memory: { bucket: Bucket | undefined }) => {
  let previous: Bucket | undefined
  return {
    /** Takes one request; returns how long until one is allowed, in milliseconds: 0 if it was taken. */
    take: (now: number): number => {
      const taken = takeOne(memory.bucket, settings, now)
      previous = memory.bucket
      memory.bucket = taken.bucket
      return taken.wait
    },
    /** The request that was taken is sent only now, and counts from now on: a wait must not enlarge a burst. */
    sent: (now: number): void => {
      memory.bucket = takeOne(previous, settings, now).bucket
    }
  }
}

/**
 * Takes one request from the budget of all clients that share a storage, by the wall clock. A host whose clock is a little
 * behind does not refill it twice; a budget from further ahead is not read at all.
 */
export const takeShared = (bucket: Bucket | undefined, settings: BucketSettings, now: number) =>
  takeOne(bucket, settings, Math.max(bucket?.at ?? now, now))
