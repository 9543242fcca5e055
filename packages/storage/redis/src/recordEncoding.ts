import type { StoredRecord } from "@tokenkeep/core"

/** Quoted, so that a truncated value is detected, and any string can be stored. */
export const encodeString = (value: string): string => JSON.stringify(value)

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
