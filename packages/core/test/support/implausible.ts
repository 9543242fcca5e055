import fc from "fast-check"

/** Numbers that clocks, servers and users have produced, and that are not plausible times. */
export const implausible: ReadonlyArray<number> = [
  NaN,
  Infinity,
  -Infinity,
  Number("1e400"),
  0,
  -0,
  -1,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 31 + 1,
  2 ** 53,
  2 ** 53 + 2,
  999,
  999.999,
  1_000,
  // A lifetime in seconds, an instant in seconds, an instant in milliseconds.
  900,
  1_800_000_000,
  1_800_000_000_000
]

/** Any number, often an implausible one. */
export const anyNumber = fc.oneof(fc.constantFrom(...implausible), fc.double(), fc.integer())

/** A plausible lifetime of a token, in milliseconds. */
export const anyLifetime = fc.oneof(
  fc.constantFrom(1_000, 2_000, 900_000, 2 ** 31, 10 * 366 * 86_400_000),
  fc.integer({ min: 1_000, max: 10 * 366 * 86_400_000 })
)
