import type { Held, LeaseRequest } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { join } from "node:path"
import { discard, DiskFault, onCode, rename } from "./disk.ts"
import { entriesOf, type Entry, fileName, makeFolder } from "./folders.ts"
import { decodeLease, describeHolder, encodeLease, leaseFor, timeLeft, unreadableLease } from "./leaseFile.ts"
import { bootClock, isSeenDead, type ProcessId, thisProcess } from "./processes.ts"
import { claim, readPrivate } from "./wholeFile.ts"

/** The size of a lease's file in bytes, at most. */
const limit = 65_536

/** A lease that was granted. */
export interface Granted {
  readonly _tag: "Granted"
  readonly fence: number
  readonly folder: string
  readonly owner: string
}

/** Somebody else did something between looking and claiming: look again. */
class Raced extends Data.TaggedError("Raced") {}

/** Of those who collide, each waits for another time; a few rounds settle it. */
const collided = {
  while: (fault: DiskFault | Raced) => fault._tag === "Raced" || fault.code === "ENOENT",
  schedule: Schedule.jittered(Schedule.spaced("2 millis")),
  times: 20
}

const minute = 60_000

const highestOf = (entries: ReadonlyArray<Entry>): number | undefined => entries.at(-1)?.fence

/**
 * The next fence. All who see the same files choose the same one, and only one of them gets it. Where nothing is
 * remembered it begins at the clock, in whole minutes: above what was there before somebody removed the directory.
 */
const nextFence = (entries: ReadonlyArray<Entry>, wall: number): number =>
  (highestOf(entries) ?? Math.ceil(wall / minute) * minute) + 1

const isRecord = ({ kind }: Entry): boolean => kind === "record"

/** Whether a lease or its trace is there that was not there before: somebody claimed the name meanwhile. */
const othersCame = (before: ReadonlyArray<Entry>, after: ReadonlyArray<Entry>, mine: string): boolean => {
  const seen = new Set([...before.map(({ file }) => file), mine])
  return !after.some(({ file }) => file === mine) || after.some((entry) => !isRecord(entry) && !seen.has(entry.file))
}

const now = Effect.gen(function* () {
  return { wall: yield* Clock.currentTimeMillis, boot: bootClock() }
})

interface Sighting {
  readonly path: string
  readonly since: bigint
}

/**
 * The leases of a directory. A lease is a file that its fence names, and whoever can make the next one has it: `link`
 * makes a file whole, or fails where one is. A name is free when each of its leases was released, has ended, or belongs
 * to a process that is dead.
 */
export const makeLeases = (directory: string) => {
  let self: ProcessId | undefined
  const me = (): ProcessId => (self ??= thisProcess())
  const sightings = new Map<string, Sighting>()

  /** For how long this process has seen the same lease, on the clock that nobody can set. */
  const seenFor = Effect.fnUntraced(function* (name: string, path: string) {
    const at = yield* Clock.monotonicTimeNanos
    const before = sightings.get(name)
    if (before?.path === path) return Number((at - before.since) / 1_000_000n)
    sightings.set(name, { path, since: at })
    return 0
  })

  /** Who else has a lease, as its file says; undefined for one that holds nobody up. */
  const heldBy = Effect.fnUntraced(function* (name: string, folder: string, { fence, file }: Entry, owner: string) {
    const path = join(folder, file)
    const { text, writtenAt } = yield* readPrivate(path, limit)
    const said = decodeLease(text)
    if (said !== undefined && (said.owner === owner || isSeenDead(me(), said.holder))) return undefined
    const lease = said ?? unreadableLease(writtenAt)
    const left = timeLeft(lease, me().boot, yield* now, yield* seenFor(name, path))
    return left > 0 ? ({ _tag: "Held", owner: describeHolder(lease), fence, left } satisfies Held) : undefined
  })

  const askOnce = Effect.fnUntraced(function* (name: string, request: LeaseRequest) {
    const folder = yield* makeFolder(directory, name)
    const before = yield* entriesOf(folder)
    for (const entry of before.filter(({ kind }) => kind === "lease")) {
      const held = yield* heldBy(name, folder, entry, request.owner)
      if (held !== undefined) return held
    }
    const at = yield* now
    const fence = nextFence(before, at.wall)
    if (!Number.isSafeInteger(fence)) return yield* new DiskFault({ code: "ERANGE", detail: "no fence is left" })
    const file = fileName(fence, "lease")
    const path = join(folder, file)
    yield* claim(directory, path, encodeLease(leaseFor(request, me(), at))).pipe(onCode("EEXIST", () => new Raced()))
    const withdraw = Effect.ignore(rename(path, join(folder, fileName(fence, "withdrawn"))))
    const after = yield* Effect.onError(entriesOf(folder), () => withdraw)
    if (othersCame(before, after, file)) {
      // It stays as a trace: where the highest number goes away, a slow process could claim it a second time.
      yield* withdraw
      return yield* new Raced()
    }
    sightings.delete(name)
    for (const past of before.filter((entry) => !isRecord(entry))) yield* discard(join(folder, past.file))
    return { _tag: "Granted", fence, folder, owner: request.owner } satisfies Granted
  })

  /** Asks for the lease of a name once, without waiting for it. */
  const ask = (name: string, request: LeaseRequest): Effect.Effect<Granted | Held, DiskFault> =>
    askOnce(name, request).pipe(
      Effect.retry(collided),
      Effect.catchTag("Raced", () => Effect.fail(new DiskFault({ code: "EBUSY", detail: "too many ask at once" })))
    )

  /** Leaves a trace in the lease's place, so that its fence is not granted again. */
  const release = Effect.fnUntraced(
    function* ({ fence, folder, owner }: Granted) {
      const path = join(folder, fileName(fence, "lease"))
      const { text } = yield* readPrivate(path, limit)
      if (decodeLease(text)?.owner !== owner) return
      yield* rename(path, join(folder, fileName(fence, "released")))
    },
    onCode("ENOENT", () => Effect.void)
  )

  return { ask, release }
}
