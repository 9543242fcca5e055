const day = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
const longDay = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
const month = "([A-Z][a-z]{2})"
const time = "((?:[01]\\d|2[0-3]):[0-5]\\d):([0-5]\\d|60)"

/** The preferred form, and the two obsolete ones that a recipient must accept (RFC 9110, 5.6.7). */
const forms: ReadonlyArray<readonly [form: RegExp, order: string]> = [
  [new RegExp(`^${day}, (\\d\\d) ${month} (\\d{4}) ${time} GMT$`), "$1 $2 $3 $4 GMT|$5"],
  [new RegExp(`^${longDay}, (\\d\\d)-${month}-(\\d\\d) ${time} GMT$`), "$1 $2 $3 $4 GMT|$5"],
  [new RegExp(`^${day} ${month} ([ \\d]\\d) ${time} (\\d{4})$`), "$2 $1 $5 $3 GMT|$4"]
]

/**
 * An HTTP date in epoch milliseconds; NaN for any other string. `Date.parse` accepts much more, and differs between
 * runtimes.
 */
export const httpDate = (text: string, now: number): number => {
  const [form, order] = forms.find(([each]) => each.test(text)) ?? []
  if (form === undefined) return NaN
  const [minutes = "", seconds] = text.replace(form, order ?? "").split("|")
  const at = Date.parse(minutes.replace(/ (\d\d) (?=\d\d:)/, (_, year: string) => ` ${fullYear(year, now)} `))
  // A day that the month does not have would become one of the next month.
  return new Date(at).getUTCDate() === Number.parseInt(minutes, 10) ? at + Number(seconds) * 1_000 : NaN
}

/** Two digits are a year of this century, or of the one before if it would be more than 50 years ahead. */
const fullYear = (year: string, now: number): number => {
  const thisYear = new Date(now).getUTCFullYear()
  const full = thisYear - (thisYear % 100) + Number(year)
  return full > thisYear + 50 ? full - 100 : full
}
