import { httpDate } from "./httpDate.ts"

/** How long a limit lasts when the response does not say, in milliseconds. */
const fallback = 1_000

/** Longer than any real limit, so that a broken value cannot block a client forever: 24 hours in milliseconds. */
const longest = 86_400_000

/**
 * `Retry-After` as epoch milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3); NaN for anything else. A fraction is
 * not in the RFC, but some servers send one.
 */
const fromHeader = (value: string, now: number): number =>
  /^\d{1,12}(?:\.\d{1,12})?$/.test(value) ? now + Number(value) * 1_000 : httpDate(value, now)

/**
 * When a 429 response allows the next try, in epoch milliseconds: the later of the body's reset and `Retry-After`,
 * between now and a day from now.
 */
export const retryAtOf = (now: number, headers: Headers, resetAt: number | undefined): number => {
  const header = fromHeader(headers.get("retry-after")?.trim() ?? "", now)
  const known = [resetAt, header].filter((at): at is number => at !== undefined && Number.isFinite(at))
  if (known.length === 0) return now + fallback
  return Math.min(Math.max(now, ...known), now + longest)
}
