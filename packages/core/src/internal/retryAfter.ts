/** How long a refusal is taken to last when the answer does not tell, in milliseconds. */
const fallback = 1_000

/** Longer than any real limit: a hostile or broken value must not look like for ever (24 hours). */
const ceiling = 86_400_000

/**
 * When a 429 allows the next try, in epoch milliseconds: the later of the body's own instant and `Retry-After`
 * (RFC 9110, 10.2.3: seconds or a date), kept between now and a day from now.
 */
export const retryAtOf = (now: number, headers: Headers, resetAt: number | undefined): number => {
  const header = headers.get("retry-after")?.trim() ?? ""
  const fromHeader = /^\d{1,12}$/.test(header)
    ? now + Number(header) * 1_000
    : header.length > 64
      ? NaN
      : Date.parse(header)
  const told = [resetAt, fromHeader].filter((at): at is number => at !== undefined && Number.isFinite(at))
  if (told.length === 0) return now + fallback
  return Math.min(Math.max(now, ...told), now + ceiling)
}
