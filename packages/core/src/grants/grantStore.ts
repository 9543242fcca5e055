import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { ExclusiveRecords, StorageFailure } from "../ports/TokenStorage.ts"
import type { Seal } from "../storage/sealing.ts"
import { decodeGrant, encodeGrant, type GrantRecord } from "./grantRecord.ts"
import { grantUnreadable } from "./grantErrors.ts"

export type GrantStore = ReturnType<typeof grantStore>

/**
 * The records of grants in one storage, encrypted. A record that cannot be read is an error, never absent.
 *
 * @param id The grant's name in messages.
 * @param seals The first one encrypts, all decrypt; none for a storage that ends with the process.
 * @param remember Called with each refresh token that is loaded or written: the storage's errors may quote it.
 */
export const grantStore = (
  records: ExclusiveRecords,
  id: string,
  seals: ReadonlyArray<Seal>,
  remember: (refreshToken: string) => void
) => {
  const [sealing] = seals

  const opened = Effect.fnUntraced(function* (name: string, text: string) {
    if (sealing === undefined) return text
    for (const seal of seals) {
      const found = yield* seal.open(name, text)
      if (found !== undefined) return found
    }
    return undefined
  })

  /** A record and its version, which is known even if the record is damaged. */
  const loadAny = Effect.fnUntraced(function* (
    name: string
  ): Effect.fn.Return<
    { readonly version: string; readonly record: GrantRecord | undefined } | undefined,
    StorageFailure | TokenkeepError
  > {
    const found = yield* records.load(name)
    if (found === undefined) return undefined
    const { version } = found
    const text = yield* opened(name, found.text)
    if (text === undefined) return yield* grantUnreadable(id, true)
    const record = decodeGrant(name, version, text)
    if (record !== undefined) remember(Redacted.value(record.refreshToken))
    return { version, record }
  })

  const load = Effect.fnUntraced(function* (
    name: string
  ): Effect.fn.Return<GrantRecord | undefined, StorageFailure | TokenkeepError> {
    const found = yield* loadAny(name)
    return found && (found.record ?? (yield* grantUnreadable(id, false)))
  })

  /** Writes the record if the one that was loaded has not changed; returns whether it did. */
  const replace = Effect.fnUntraced(function* (
    name: string,
    record: GrantRecord,
    expected: string | undefined,
    fence?: number
  ) {
    remember(Redacted.value(record.refreshToken))
    const encoded = encodeGrant(name, record)
    const text = sealing === undefined ? encoded : yield* sealing.seal(name, encoded)
    return yield* records.replace(name, { expected, record: { version: record.version, text }, fence })
  })

  return { load, loadAny, replace }
}
