import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { retryAtOf } from "../../src/errors/retryAfter.ts"
import { runs } from "../support/seed.ts"

const now = 1_800_000_000_000
const day = 86_400_000
const second = 1_000

const retryAt = (retryAfter: string | undefined, resetAt?: number): number =>
  retryAtOf(now, new Headers(retryAfter === undefined ? {} : { "retry-after": retryAfter }), resetAt)

describe("when a 429 allows the next try", () => {
  const table: ReadonlyArray<
    readonly [what: string, retryAfter: string | undefined, resetAt: number | undefined, wait: number]
  > = [
    ["no value: one second", undefined, undefined, second],
    ["seconds", "7", undefined, 7 * second],
    ["no seconds", "0", undefined, 0],
    ["seconds with spaces around", " 7 ", undefined, 7 * second],
    ["a date in the future", new Date(now + 9 * second).toUTCString(), undefined, 9 * second],
    ["a date in the past: now", new Date(now - 9 * second).toUTCString(), undefined, 0],
    ["the reset in the body", undefined, now + 5 * second, 5 * second],
    ["a reset in the past: now", undefined, now - 5 * second, 0],
    ["the later of the two is in the body", "2", now + 5 * second, 5 * second],
    ["the later of the two is in the header", "8", now + 5 * second, 8 * second],
    ["seconds: at most a day", "86401", undefined, day],
    ["many digits: at most a day", "999999999999", undefined, day],
    ["a date: at most a day", "Fri, 31 Dec 9999 23:59:59 GMT", undefined, day],
    ["a reset in the body: at most a day", undefined, Number.MAX_VALUE, day],
    ["a malformed value: one second", "soon", undefined, second],
    ["an empty value: one second", "", undefined, second],
    ["an exponent is not a number of seconds", "1e400", undefined, second],
    ["infinity is not a number of seconds", "Infinity", undefined, second],
    ["a very long value is not parsed", "9".repeat(10_000), undefined, second],
    ["a reset that is not a number", undefined, NaN, second],
    ["an infinite reset", undefined, Infinity, second],
    ["a malformed header with a valid reset", "soon", now + 5 * second, 5 * second],
    ["a valid header with a malformed reset", "7", NaN, 7 * second]
  ]
  for (const [what, retryAfter, resetAt, wait] of table) {
    it(what, () => assert.strictEqual(retryAt(retryAfter, resetAt) - now, wait))
  }

  it("is a finite instant between now and a day from now for every response", () => {
    const ascii = fc.string({ unit: "grapheme-ascii" })
    const header = fc.oneof(
      ascii,
      fc.integer().map(String),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map(String)
    )
    const reset = fc.oneof(fc.constant(undefined), fc.double(), fc.integer())
    fc.assert(
      fc.property(header, reset, (retryAfter, resetAt) => {
        const wait = retryAt(retryAfter, resetAt) - now
        assert.isTrue(wait >= 0 && wait <= day, String(wait))
      }),
      runs(2_000)
    )
  })
})
