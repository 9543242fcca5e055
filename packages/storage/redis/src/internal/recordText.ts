import type { StoredText } from "@tokenkeep/core"

/** The text is quoted, so that a part of it is not taken for the whole, and any text survives. */
export const encodeText = (text: string): string => JSON.stringify(text)

/** What is at a record's key, as a record; `undefined` for anything else. */
export const decodeRecord = (value: unknown): StoredText | undefined => {
  // Clients may be set up to answer with bytes.
  const [, fence, quoted] = /^(-?\d+) (".*")$/s.exec(String(value)) ?? []
  if (fence === undefined || quoted === undefined) return undefined
  try {
    return { text: JSON.parse(quoted) as string, fence: Number(fence) }
  } catch {
    return undefined
  }
}
