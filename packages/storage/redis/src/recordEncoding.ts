import type { StoredRecord } from "@tokenkeep/core"

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

/**
 * Quoted, so that a truncated value is detected, and any string can be stored. ASCII, since older clients break a character
 * whose bytes arrive in two chunks, as node-redis 5.0 does.
 */
export const encodeString = (value: string): string => JSON.stringify(value).replace(/[^ -~]/g, escapeUnit)

/** Reads the value of a record's key. Returns `undefined` for any other value. */
export const decodeRecord = (value: unknown): StoredRecord | undefined => {
  // Clients may be configured to return buffers.
  const [, fence, quoted] = /^(-?\d+) (".*")$/s.exec(String(value)) ?? []
  if (fence === undefined || quoted === undefined) return undefined
  try {
    return { text: JSON.parse(quoted) as string, fence: Number(fence) }
  } catch {
    return undefined
  }
}
