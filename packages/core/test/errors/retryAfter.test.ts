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
    ["seconds with a fraction", "2.5", undefined, 2.5 * second],
    ["a small fraction", "0.25", undefined, second / 4],
    ["a date in the future", new Date(now + 9 * second).toUTCString(), undefined, 9 * second],
    // The three forms that a recipient must accept (RFC 9110, 5.6.7). The clock shows Fri, 15 Jan 2027 08:00:00 GMT.
    ["an IMF-fixdate", "Fri, 15 Jan 2027 08:00:07 GMT", undefined, 7 * second],
    ["the obsolete form of RFC 850", "Friday, 15-Jan-27 08:00:07 GMT", undefined, 7 * second],
    ["the obsolete form of asctime", "Fri Jan 15 08:00:07 2027", undefined, 7 * second],
    ["the obsolete form of asctime, with a day of one digit", "Mon Feb  1 08:00:00 2027", undefined, day],
    ["a leap second", "Fri, 15 Jan 2027 08:00:60 GMT", undefined, 60 * second],
    ["two digits that are at most 50 years in the future", "Friday, 15-Jan-77 08:00:00 GMT", undefined, day],
    ["two digits that would be more than 50 years in the future", "Monday, 16-Jan-78 08:00:00 GMT", undefined, 0],
    ["two digits of the last century", "Sunday, 06-Nov-94 08:49:37 GMT", undefined, 0],
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
    ...[
      "-5",
      "+5",
      ".5",
      "5.",
      "5,5",
      "5 s",
      "5s",
      "0x5",
      "5, 7",
      "1.2.3",
      "2027-01-15T08:00:07Z",
      "2027-01-15",
      "15 Jan 2027 08:00:07 GMT",
      "Fri, 15 Jan 2027 08:00:07 UTC",
      "Fri, 15 Jan 2027 08:00:07 +0000",
      "Fri, 15 Jan 2027 08:00:07",
      "Fri, 15 Jan 2027 08:00 GMT",
      "Fri, 15 Jan 27 08:00:07 GMT",
      "fri, 15 jan 2027 08:00:07 gmt",
      "Fry, 15 Jan 2027 08:00:07 GMT",
      "Fri, 15 Foo 2027 08:00:07 GMT",
      "Sun, 31 Feb 2027 08:00:07 GMT",
      "Fri, 00 Jan 2027 08:00:07 GMT",
      "Fri, 15 Jan 2027 24:00:00 GMT",
      "Fri, 15 Jan 2027 08:60:07 GMT",
      "Fri Jan 15 08:00:07 2027 GMT",
      "Fri, 15-Jan-27 08:00:07 GMT",
      "1800000007",
      "01/15/2027"
    ].map((value) => [`another form: ${value}`, value, undefined, value === "1800000007" ? day : second] as const),
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
