/** What is left in a bucket, and when that was so, in milliseconds of the clock that it is used with. */
export interface Bucket {
  readonly left: number
  readonly at: number
}

/** How a bucket fills: `burst` at once, then `perSecond`. */
export interface BucketSettings {
  readonly burst: number
  readonly perSecond: number
}

/** Takes one. `wait` is how long until there is one, in milliseconds; 0 if it was taken. */
export const takeOne = (
  bucket: Bucket | undefined,
  { burst, perSecond }: BucketSettings,
  now: number
): { readonly bucket: Bucket; readonly wait: number } => {
  const passed = bucket === undefined ? 0 : Math.max(0, now - bucket.at)
  const left = Math.min(burst, (bucket?.left ?? burst) + (passed / 1_000) * perSecond)
  // A rounding error of a millisecond must not cost a request.
  if (left >= 1 - 1e-9) return { bucket: { left: Math.max(0, left - 1), at: now }, wait: 0 }
  return { bucket: { left, at: now }, wait: Math.ceil(((1 - left) / perSecond) * 1_000) }
}
