import type { ExclusiveRecord } from "@tokenkeep/core"
import { createHash } from "node:crypto"

/** The largest text, in bytes. */
export const maxTextBytes = 65_536

/** The largest file: the text, and a line with the version and the checksum. */
export const maxFileBytes = maxTextBytes + 256

const checksum = (text: string): string => createHash("sha256").update(text).digest("hex")

/** The content of a file: a line with the version and a checksum, and the text. */
export const encodeRecord = ({ text, version }: ExclusiveRecord): string =>
  `${version} ${checksum(`${version}\n${text}`)}\n${text}`

/** The record of a file, or undefined if the file is damaged or has a newer format. */
export const decodeRecord = (content: string): ExclusiveRecord | undefined => {
  const [, version, text] = /^([a-z0-9-]{1,64}) [0-9a-f]{64}\n(.*)$/s.exec(content) ?? []
  if (version === undefined || text === undefined) return undefined
  return encodeRecord({ version, text }) === content ? { version, text } : undefined
}

/** Whether a version can be written. */
export const isVersion = (version: string): boolean => /^[a-z0-9-]{1,64}$/.test(version)
