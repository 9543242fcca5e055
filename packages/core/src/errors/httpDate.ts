const months = "JanFebMarAprMayJunJulAugSepOctNovDec"
const days = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
const longDays = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
const time = "(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)"
const month = "(?<month>[A-Z][a-z]{2})"

/** The preferred form, and the two obsolete ones that a recipient must accept (RFC 9110, 5.6.7). */
const forms = [
  `(?:${days}), (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT`,
  `${longDays}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT`,
  `(?:${days}) ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})`
].map((form) => new RegExp(`^${form}$`))

/**
 * An HTTP date in epoch milliseconds; NaN for any other string. `Date.parse` accepts much more, and differs between
 * runtimes.
 */
export const httpDate = (text: string, now: number): number => {
  const { day, hour, minute, month, second, year } = forms.map((form) => form.exec(text)?.groups).find(Boolean) ?? {}
  const index = months.indexOf(month ?? "-") / 3
  if (year === undefined || !Number.isInteger(index) || index < 0) return NaN
  const midnight = Date.UTC(fullYear(year, new Date(now).getUTCFullYear()), index, Number(day))
  // A day that the month does not have would become one of the next month.
  if (new Date(midnight).getUTCDate() !== Number(day)) return NaN
  return midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000
}

/** A year of two digits is in this century, or in the one before if it would be more than 50 years ahead. */
const fullYear = (year: string, thisYear: number): number => {
  if (year.length === 4) return Number(year)
  const full = thisYear - (thisYear % 100) + Number(year)
  return full > thisYear + 50 ? full - 100 : full
}
