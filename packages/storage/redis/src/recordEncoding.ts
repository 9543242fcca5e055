import type { ExclusiveRecord, StoredRecord } from "@tokenkeep/core"

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

/**
 * Quoted, so that a truncated value is detected, and any string can be stored. ASCII, since older clients break a character
 * whose bytes arrive in two chunks, as node-redis 5.0 does.
 */
export const encodeString = (value: string): string => JSON.stringify(value).replace(/[^ -~]/g, escapeUnit)

const parse = (quoted: string | undefined): string | undefined => {
  try {
    return quoted && (JSON.parse(quoted) as string)
  } catch {
    return undefined
  }
}

/** Reads the value of a record's key. Returns `undefined` for any other value. */
export const decodeRecord = (value: unknown): StoredRecord | undefined => {
  // Clients may be configured to return buffers.
  const [, fence, quoted] = /^(-?\d+) (".*")$/s.exec(String(value)) ?? []
  const text = parse(quoted)
  return text === undefined ? undefined : { text, fence: Number(fence) }
}

/** What the version of an exclusive record may be: a space ends it. */
export const isVersion = (version: string): boolean => /^[a-z0-9-]{1,64}$/.test(version)

/** The same for an exclusive record. */
export const decodeExclusive = (value: unknown): ExclusiveRecord | undefined => {
  const [, version = "", quoted] = /^(\S+) (".*")$/s.exec(String(value)) ?? []
  const text = parse(quoted)
  return text === undefined || !isVersion(version) ? undefined : { version, text }
}
