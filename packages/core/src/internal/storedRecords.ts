import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { spans, traced } from "../Telemetry.ts"
import type { LeaseRequest, StoredText, TokenStorage } from "../TokenStorage.ts"
import { type CredentialRecord, decodeRecord, encodeRecord } from "./record.ts"
import type { Seal } from "./sealing.ts"

/** What {@link storedRecords} makes: the credentials' records in one storage. */
export type StoredRecords = ReturnType<typeof storedRecords>

/** How many names are followed at once: keys may rotate for years. */
const capacity = 64

/**
 * The records of credentials in a storage: coded, sealed on request, and saved with a fence (STO-1, STO-5).
 *
 * @param seals The first seals, all open; without any, records lie open.
 * @param ignored Told once of each record that could not be read (STO-3).
 */
export const storedRecords = (
  storage: TokenStorage["Service"],
  seals: ReadonlyArray<Seal>,
  ignored: (why: "unreadable" | "sealed") => void
) => {
  /** The highest fence that was seen under a name. */
  const fences = new Map<string, number>()
  let lastIgnored: string | undefined
  const [sealing] = seals

  const noteFence = (name: string, fence: number) => {
    const known = fences.get(name) ?? 0
    fences.delete(name)
    fences.set(name, Math.max(known, fence))
    const [oldest] = fences.keys()
    if (fences.size > capacity && oldest !== undefined) fences.delete(oldest)
  }

  const ignore = (text: string, why: "unreadable" | "sealed") => {
    if (text !== lastIgnored) ignored(why)
    lastIgnored = text
    return undefined
  }

  const read = Effect.fnUntraced(function* (name: string, stored: string, { text }: StoredText, seal?: Seal) {
    const opened = seal === undefined ? text : yield* seal.open(stored, text)
    if (opened === undefined) return ignore(text, "sealed")
    return decodeRecord(name, opened) ?? ignore(text, "unreadable")
  })

  const loadFrom = Effect.fnUntraced(function* (name: string, seal?: Seal) {
    const stored = nameFor(name, seal)
    const found = yield* storage.load(stored)
    if (found === undefined) return undefined
    noteFence(stored, found.fence)
    return yield* read(name, stored, found, seal)
  })

  /** While keys are rotated, other processes may still write under another one: the newest token counts. */
  const load = traced(spans.load)(function* (name: string) {
    if (seals.length < 2) return yield* loadFrom(name, sealing)
    let newest: CredentialRecord | undefined
    for (const seal of seals) {
      const found = yield* loadFrom(name, seal)
      if (found !== undefined && issuedAt(found) > issuedAt(newest)) newest = found
    }
    return newest
  })

  const save = traced(spans.save)(function* (name: string, record: CredentialRecord, leased?: number) {
    const stored = nameFor(name, sealing)
    const fence = leased ?? Math.max((fences.get(stored) ?? 0) + 1, yield* Clock.currentTimeMillis)
    noteFence(stored, fence)
    const text = encodeRecord(name, record)
    return yield* storage.save(stored, {
      text: sealing === undefined ? text : yield* sealing.seal(stored, text),
      fence
    })
  })

  const { exclusive, watch } = storage
  return {
    load,
    save,
    /** Nothing where the storage elects nobody. */
    exclusive:
      exclusive === undefined
        ? undefined
        : (name: string, request: LeaseRequest) => exclusive(nameFor(name, sealing), request),
    watch: watch === undefined ? undefined : (name: string) => watch(nameFor(name, sealing))
  }
}

const nameFor = (name: string, seal: Seal | undefined): string => (seal === undefined ? name : `${name}-${seal.id}`)

const issuedAt = (record: CredentialRecord | undefined): number =>
  record === undefined ? -Infinity : (record.token?.issuedAt ?? 0)
