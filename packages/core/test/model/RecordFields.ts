import type { StoredRecord } from "../../src/index.ts"

/** A token as it is stored. */
export interface TokenFields {
  readonly id: string
  readonly value: string
  readonly issuedAt: number
  readonly expiresAt?: number | undefined
}

/** A record as it is stored: by another process, or an old one that a slow storage returns. */
export interface RecordFields {
  readonly token?: TokenFields | undefined
  readonly observed?: object | undefined
  readonly budget?: { readonly left: number; readonly at: number } | undefined
  readonly rejection?:
    | {
        readonly kind: "rejected" | "limited"
        readonly status: number
        readonly at: number
        readonly until: number
        readonly times: number
      }
    | undefined
  readonly failed?: { readonly fence: number; readonly code: string } | undefined
}

export const recordText = (name: string, fields: RecordFields): string => JSON.stringify({ name, ...fields })

type Named = RecordFields & { readonly name: string }

/** Waiting clients load the same record many times. */
const parsed = new WeakMap<StoredRecord, Named>()

const parse = (stored: StoredRecord): Named => {
  const record = parsed.get(stored) ?? (JSON.parse(stored.text) as Named)
  parsed.set(stored, record)
  return record
}

/** The record that is stored under a name; `undefined` if it is not a record of that name. */
export const fieldsIn = (name: string, stored: StoredRecord | undefined): RecordFields | undefined => {
  if (stored === undefined || !stored.text.endsWith("}")) return undefined
  const record = parse(stored)
  return record.name === name ? record : undefined
}
