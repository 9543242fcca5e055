import type { StoredText } from "../../src/index.ts"

/** A token as it lies in a storage. */
export interface LyingToken {
  readonly id: string
  readonly value: string
  readonly issuedAt: number
  readonly expiresAt?: number | undefined
}

/** A record as it lies in a storage: what another process wrote, or an old one that turns up again. */
export interface Lying {
  readonly token?: LyingToken | undefined
  readonly observed?: object | undefined
  readonly budget?: { readonly left: number; readonly at: number } | undefined
  readonly refusal?:
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

export const recordText = (name: string, lying: Lying): string => JSON.stringify({ name, ...lying })

type Named = Lying & { readonly name: string }

/** Those who wait look at the same record again and again. */
const parsed = new WeakMap<StoredText, Named>()

const parse = (stored: StoredText): Named => {
  const record = parsed.get(stored) ?? (JSON.parse(stored.text) as Named)
  parsed.set(stored, record)
  return record
}

/** What lies in a storage under a name; nothing where it is not a record of it. */
export const lyingIn = (name: string, stored: StoredText | undefined): Lying | undefined => {
  if (stored === undefined || !stored.text.endsWith("}")) return undefined
  const record = parse(stored)
  return record.name === name ? record : undefined
}
