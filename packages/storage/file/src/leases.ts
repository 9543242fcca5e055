import type { LeaseTaken, LeaseRequest } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { join } from "node:path"
import { createFile, readPrivateFile } from "./atomicFile.ts"
import { discard, DiskError, onCode, readdir, rename } from "./disk.ts"
import { type Entry, entriesOf, fileName, isRecord, readEntries } from "./entries.ts"
import { removeDrafts } from "./exclusive/drafts.ts"
import { makeFolder } from "./folders.ts"
import { damagedLease, decodeLease, describeOwner, encodeLease, newLease, timeLeft } from "./leaseFile.ts"
import { makeProcesses, type Processes } from "./processes.ts"

/** The largest lease file that is read, in bytes. */
const maxLeaseBytes = 65_536

/** A lease that was granted. */
export interface Granted {
  readonly _tag: "Granted"
  readonly fence: number
  readonly folder: string
  readonly owner: string
  /** The owner as other clients see it. */
  readonly described: string
}

/** Another process changed the folder during the request. */
class Conflict extends Data.TaggedError("Conflict") {}

/** The delay is random, so that two processes do not collide again and again. */
const onConflict = {
  while: (error: DiskError | Conflict) => error._tag === "Conflict" || error.code === "ENOENT",
  schedule: Schedule.jittered(Schedule.spaced("2 millis")),
  times: 20
}

const minute = 60_000

/** The current time in whole minutes: above all fences from before the folder was removed. */
const firstFence = (wall: number): number => Math.ceil(wall / minute) * minute

/** The next fence. Processes that see the same files choose the same fence, and only one of them can create its file. */
const nextFence = (entries: ReadonlyArray<Entry>, wall: number): number =>
  (entries.at(-1)?.fence ?? firstFence(wall)) + 1

/** Whether the own claim was removed, or another process claimed the name after `before` was read. */
const hasConflict = (before: ReadonlyArray<Entry>, after: ReadonlyArray<Entry>, ownFile: string): boolean => {
  const known = new Set([...before.map(({ file }) => file), ownFile])
  return (
    !after.some(({ file }) => file === ownFile) || after.some((entry) => !isRecord(entry) && !known.has(entry.file))
  )
}

/**
 * The leases of a directory. A lease is a file whose name is its fence. The process that creates the next one has the
 * lease: `link` creates a complete file, or fails if it exists. A name is free if each of its leases was released, has
 * ended, or belongs to a process that has ended.
 */
export const makeLeases = (directory: string) => {
  let cachedProcesses: Processes | undefined
  const processes = (): Processes => (cachedProcesses ??= makeProcesses())
  /** When this process first saw each lease of a name, by a clock that cannot be set. */
  const sightings = new Map<string, ReadonlyMap<string, bigint>>()

  const now = Effect.gen(function* () {
    return { wall: yield* Clock.currentTimeMillis, boot: processes().bootClock() }
  })

  /** For how many milliseconds this process has seen each of these leases. Forgets the other leases of the name. */
  const see = Effect.fnUntraced(function* (name: string, leases: ReadonlyArray<Entry>) {
    const at = yield* Clock.monotonicTimeNanos
    const before = sightings.get(name)
    const since = new Map(leases.map(({ file }) => [file, before?.get(file) ?? at]))
    if (since.size > 0) sightings.set(name, since)
    else sightings.delete(name)
    return ({ file }: Entry) => Number((at - (since.get(file) ?? at)) / 1_000_000n)
  })

  /** The lease of this entry, if another owner has it and it still counts. */
  const leaseOfOther = Effect.fnUntraced(function* (folder: string, entry: Entry, owner: string, seenFor: number) {
    const { text, writtenAt } = yield* readPrivateFile(join(folder, entry.file), maxLeaseBytes)
    const content = decodeLease(text)
    if (content !== undefined && (content.owner === owner || processes().hasEnded(content.holder))) return undefined
    const lease = content ?? damagedLease(writtenAt)
    const left = timeLeft(lease, processes(), yield* now, seenFor)
    if (left <= 0) return undefined
    return { _tag: "LeaseTaken", owner: describeOwner(lease), fence: entry.fence, left } satisfies LeaseTaken
  })

  /** Creates the lease file, then checks that no other process claimed the name at the same time. */
  const claim = Effect.fnUntraced(function* (folder: string, before: ReadonlyArray<Entry>, request: LeaseRequest) {
    const at = yield* now
    const fence = nextFence(before, at.wall)
    const file = fileName(fence, "lease")
    const path = join(folder, file)
    const content = encodeLease(newLease(request, processes().self, at))
    yield* createFile(directory, path, content).pipe(onCode("EEXIST", () => new Conflict()))
    // The file is renamed, not removed: a slow process could claim a removed fence a second time.
    const withdraw = Effect.exit(rename(path, join(folder, fileName(fence, "withdrawn"))))
    const files = yield* Effect.onError(
      // A process that checked the fences before this claim must not save after it.
      Effect.tap(readdir(folder), (found) => removeDrafts(folder, found)),
      () => withdraw
    )
    if (!hasConflict(before, entriesOf(files), file)) return fence
    yield* withdraw
    return yield* new Conflict()
  })

  /** Renames files with the highest fence there is. No owner reaches it by counting, and no fence could follow it. */
  const lowerFences = Effect.fnUntraced(function* (folder: string, entries: ReadonlyArray<Entry>) {
    const highest = entries.filter(({ fence }) => fence === Number.MAX_SAFE_INTEGER)
    if (highest.length === 0) return
    const { wall } = yield* now
    const lowered = join(folder, fileName(firstFence(wall), "withdrawn"))
    for (const { file } of highest) yield* rename(join(folder, file), lowered)
    return yield* new Conflict()
  })

  const requestOnce = Effect.fnUntraced(function* (name: string, request: LeaseRequest) {
    const folder = yield* makeFolder(directory, name)
    const before = yield* readEntries(folder)
    const leases = before.filter(({ kind }) => kind === "lease")
    const seenFor = yield* see(name, leases)
    for (const entry of leases) {
      const taken = yield* leaseOfOther(folder, entry, request.owner, seenFor(entry))
      if (taken !== undefined) return taken
    }
    yield* lowerFences(folder, before)
    const fence = yield* claim(folder, before, request)
    for (const past of before.filter((entry) => !isRecord(entry))) yield* discard(join(folder, past.file))
    const { owner } = request
    const described = describeOwner({ owner, holder: processes().self })
    return { _tag: "Granted", fence, folder, owner, described } satisfies Granted
  })

  /** Requests the lease of a name, without waiting until it is free. */
  const request = (name: string, options: LeaseRequest): Effect.Effect<Granted | LeaseTaken, DiskError> =>
    requestOnce(name, options).pipe(
      Effect.retry(onConflict),
      Effect.catchTag("Conflict", () =>
        Effect.fail(new DiskError({ code: "EBUSY", detail: "too many processes requested the lease at once" }))
      )
    )

  /** Ends a lease. Its file is renamed, so that its fence is not granted again. */
  const release = Effect.fnUntraced(
    function* ({ fence, folder, owner }: Granted) {
      const path = join(folder, fileName(fence, "lease"))
      const { text } = yield* readPrivateFile(path, maxLeaseBytes)
      if (decodeLease(text)?.owner !== owner) return
      yield* rename(path, join(folder, fileName(fence, "released")))
    },
    onCode("ENOENT", () => Effect.void)
  )

  return { request, release }
}
