import { UsageError } from "../output/UsageError.ts"

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * A point in time of an option: an age such as `90s`, `15m`, `2h`, `3d` or `1w`, or an ISO 8601 time, which the API gets
 * unchanged.
 */
export const instantOf = (option: string, text: string, now: number): string | Date => {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(text) ?? []
  const millis = count === undefined ? undefined : now - Number(count) * units[unit as keyof typeof units]
  if (millis !== undefined && millis >= 0) return new Date(millis)
  if (millis === undefined && !Number.isNaN(Date.parse(text))) return text
  throw new UsageError(
    `The value of ${option} is not a time.`,
    'Use an age such as "15m", "2h" or "3d", or an ISO 8601 time such as "2025-08-31T12:00:00Z".'
  )
}
