import * as Effect from "effect/Effect"
import type { LeaseRequest, StoredRecord, TokenStorage } from "../ports/TokenStorage.ts"
import { boundedMap } from "../runtime/boundedMap.ts"
import { clocks } from "../runtime/clocks.ts"
import { traced } from "../telemetry/Telemetry.ts"
import { type CredentialRecord, decodeRecord, encodeRecord } from "./record.ts"
import type { Seal } from "./sealing.ts"

/** How many names are tracked at once: keys may rotate for years. */
const capacity = 64

/** Why a stored record is ignored: it is malformed, or encrypted with an unknown key. */
export type IgnoredRecord = "unreadable" | "sealed"

/**
 * The records of credentials in one storage: encoded, encrypted if asked for, and saved with a fence.
 *
 * @param options.seals The first one encrypts, all decrypt; without any, records are stored unencrypted.
 * @param options.isExclusive Whether names do not depend on the encryption key: two leases would renew one grant twice.
 * @param options.holdsKey Whether a string contains an API key: a record with such a token is ignored (KEY-1).
 * @param options.onIgnored Called once for each record that cannot be read.
 */
export const recordStore = (
  storage: TokenStorage["Service"],
  options: {
    readonly seals: ReadonlyArray<Seal>
    readonly isExclusive: boolean
    readonly holdsKey: (text: string) => boolean
    readonly onIgnored: (why: IgnoredRecord) => void
  }
) => {
  const { holdsKey, isExclusive, onIgnored, seals } = options
  /** The highest fence seen for each name. */
  const fences = boundedMap<number>(capacity)
  let lastIgnored: string | undefined
  const [sealing] = seals

  const noteFence = (name: string, fence: number) => fences.set(name, Math.max(fences.get(name) ?? 0, fence))

  const ignore = (content: string, why: IgnoredRecord) => {
    if (content !== lastIgnored) onIgnored(why)
    lastIgnored = content
    return undefined
  }

  const nameFor = (name: string, seal: Seal | undefined): string =>
    seal === undefined || isExclusive ? name : `${name}-${seal.id}`

  const openWith = (storedName: string, text: string, seal: Seal | undefined) =>
    Effect.gen(function* () {
      if (seal === undefined) return text
      for (const candidate of isExclusive ? seals : [seal]) {
        const opened = yield* candidate.open(storedName, text)
        if (opened !== undefined) return opened
      }
      return undefined
    })

  const read = (name: string, storedName: string, { text }: StoredRecord, seal?: Seal) =>
    Effect.gen(function* () {
      const opened = yield* openWith(storedName, text, seal)
      if (opened === undefined) return ignore(text, "sealed")
      const { wall } = yield* clocks
      const record = decodeRecord(name, opened, wall())
      const isUsable = record !== undefined && !holdsKey(record.token?.reveal() ?? "")
      return isUsable ? record : ignore(text, "unreadable")
    })

  const loadFrom = (name: string, seal?: Seal) =>
    Effect.gen(function* () {
      const storedName = nameFor(name, seal)
      const found = yield* storage.load(storedName)
      if (found === undefined) return undefined
      noteFence(storedName, found.fence)
      return yield* read(name, storedName, found, seal)
    })

  /** While encryption keys rotate, other processes may still write with another one: the newest token counts. */
  const load = traced("load")(function* (name: string) {
    if (seals.length < 2 || isExclusive) return yield* loadFrom(name, sealing)
    let newest: CredentialRecord | undefined
    for (const seal of seals) {
      const found = yield* loadFrom(name, seal)
      if (found !== undefined && issuedAt(found) > issuedAt(newest)) newest = found
    }
    return newest
  })

  const save = traced("save")(function* (name: string, record: CredentialRecord, leased?: number, quiet?: boolean) {
    const storedName = nameFor(name, sealing)
    const { wall } = yield* clocks
    const fence = leased ?? Math.max((fences.get(storedName) ?? 0) + 1, wall())
    noteFence(storedName, fence)
    const encoded = encodeRecord(name, record)
    const text = sealing === undefined ? encoded : yield* sealing.seal(storedName, encoded)
    return yield* storage.save(storedName, { text, fence }, quiet)
  })

  const { acquireLease, watch } = storage
  return {
    load,
    save,
    /** `undefined` if the storage has no leases. */
    acquireLease:
      acquireLease === undefined
        ? undefined
        : (name: string, request: LeaseRequest) => acquireLease(nameFor(name, sealing), request),
    watch: watch === undefined ? undefined : (name: string) => watch(nameFor(name, sealing))
  }
}

const issuedAt = (record: CredentialRecord | undefined): number =>
  record === undefined ? -Infinity : (record.token?.issuedAt ?? 0)
