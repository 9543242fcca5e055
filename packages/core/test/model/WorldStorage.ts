import * as Effect from "effect/Effect"
import { type Held, StorageFailure, type StoredText, TokenStorage } from "../../src/index.ts"
import { type Lying, recordText } from "./Lying.ts"
import { worldLeases } from "./WorldLeases.ts"
import type { WorldClock } from "./WorldClock.ts"

/** What goes wrong with an operation, whichever it is. */
export type Fault = "hangs" | "fails" | "throws" | "insecure"

export interface Moods {
  readonly load: "works" | "stale" | "corrupt" | Fault
  readonly save: "works" | "loses" | Fault
  readonly exclusive: "works" | Fault
  readonly release: "works" | Fault
}

export type Operation = keyof Moods

/** How it tells of changes: not at all, always, never although it says so, or by failing. */
export type Watching = "none" | "tells" | "misses" | "fails"

/** What the manager is told of a lease that it asked for. */
export type Elected = { readonly _tag: "Lease"; readonly fence: number } | Held

export interface StorageWitness {
  /** An operation begins, and how it ends is known by then. */
  readonly asked: (operation: Operation, fault: Fault | undefined) => void
  readonly loaded: (name: string, stored: StoredText | undefined) => void
  readonly saving: (name: string, stored: StoredText) => void
  readonly saved: (isSaved: boolean) => void
  readonly elected: (answer: Elected) => void
  readonly releasing: (fence: number) => void
}

const faults: ReadonlyArray<string> = ["hangs", "fails", "throws", "insecure"] satisfies ReadonlyArray<Fault>

/** A storage that other processes write as well, and that has bad days. */
export const worldStorage = (
  clock: WorldClock,
  witness: StorageWitness,
  options: { readonly exclusive: boolean; readonly watching: Watching }
) => {
  const records = new Map<string, StoredText>()
  const old: Array<StoredText> = []
  const moods: { -readonly [O in Operation]: Moods[O] } = {
    load: "works",
    save: "works",
    exclusive: "works",
    release: "works"
  }
  /** For how many more operations a mood lasts. */
  const lasting = new Map<Operation, number>()
  /** When something was put under a name last, in monotonic milliseconds. */
  const puts = new Map<string, number>()
  const watchers = new Set<() => void>()
  const leases = worldLeases(clock, (name) => records.get(name)?.fence ?? 0)
  let lastName = ""
  let stale = 0
  let underway = 0
  let oddAt = -Infinity

  const wake = () => {
    if (options.watching === "tells") for (const tell of watchers) tell()
  }

  const moodOf = <O extends Operation>(operation: O): Moods[O] => {
    const mood = moods[operation]
    const left = (lasting.get(operation) ?? Infinity) - 1
    lasting.set(operation, left)
    if (left <= 0) moods[operation] = "works" as Moods[O]
    return mood
  }

  /** Never answers; whoever asked has to give up. */
  const silence: Effect.Effect<never> = Effect.suspend(() => {
    underway += 1
    return Effect.onInterrupt(Effect.never, () =>
      Effect.sync(() => {
        underway -= 1
      })
    )
  })

  const failing = (operation: Operation, fault: Fault): Effect.Effect<never, StorageFailure> => {
    if (fault === "hangs") return silence
    if (fault === "throws") throw new Error("a bug in the adapter")
    const detail = "a bad day"
    return Effect.suspend(() => Effect.fail(new StorageFailure({ operation, detail, insecure: fault === "insecure" })))
  }

  /** Does what the mood of the moment allows. */
  const inMood = <A, O extends Operation>(operation: O, working: (mood: Moods[O]) => A) => {
    const mood = moodOf(operation)
    if (mood !== "works") oddAt = clock.mono
    const fault = faults.includes(mood) ? (mood as Fault) : undefined
    witness.asked(operation, fault)
    return fault === undefined ? Effect.sync(() => working(mood)) : failing(operation, fault)
  }

  const load = (name: string): Effect.Effect<StoredText | undefined, StorageFailure> => {
    lastName = name
    return inMood("load", (mood) => {
      const found = {
        works: records.get(name),
        stale: old[stale % Math.max(1, old.length)],
        corrupt: { text: '{"id":', fence: 1 }
      }[mood as "works" | "stale" | "corrupt"]
      witness.loaded(name, found)
      return found
    })
  }

  const isLate = (name: string, fence: number): boolean =>
    fence < Math.max(leases.fence(name), records.get(name)?.fence ?? 0)

  const put = (name: string, stored: StoredText): boolean => {
    if (isLate(name, stored.fence)) return false
    records.set(name, stored)
    old.push(stored)
    puts.set(name, clock.mono)
    wake()
    return true
  }

  const save = (name: string, stored: StoredText): Effect.Effect<boolean, StorageFailure> => {
    witness.saving(name, stored)
    return inMood("save", (mood) => {
      const isSaved = mood === "loses" ? !isLate(name, stored.fence) : put(name, stored)
      witness.saved(isSaved)
      return isSaved
    })
  }

  const exclusive: NonNullable<TokenStorage["Service"]["exclusive"]> = (name, request) =>
    inMood("exclusive", () => {
      const answer = leases.ask(name, request)
      witness.elected(answer)
      if (answer._tag === "Held") return answer
      const release = Effect.suspend(() => {
        leases.letGo(answer.fence)
        witness.releasing(answer.fence)
        return inMood("release", () => {
          if (leases.release(name, answer.fence)) wake()
        })
      })
      return { ...answer, release }
    })

  const watch: NonNullable<TokenStorage["Service"]["watch"]> = () =>
    Effect.suspend(() => {
      if (options.watching === "fails") return Effect.fail(new StorageFailure({ operation: "watch", detail: "no" }))
      let changes = 0
      let heard = 0
      let resumed = () => {}
      const tell = () => {
        changes += 1
        resumed()
      }
      watchers.add(tell)
      const next = Effect.callback<void>((resume) => {
        resumed = () => {
          heard = changes
          resumed = () => {}
          resume(Effect.void)
        }
        if (changes > heard) resumed()
      })
      return Effect.as(
        Effect.addFinalizer(() => Effect.sync(() => void watchers.delete(tell))),
        next
      )
    })

  return {
    leases,
    /** The name of the record that was asked for last. */
    lastName: () => lastName,
    record: (name: string) => records.get(name),
    putAt: (name: string) => puts.get(name) ?? -Infinity,
    /** When it did not work last, in monotonic milliseconds. */
    oddAt: () => oddAt,
    worksWell: () => Object.values(moods).every((mood) => mood === "works"),
    /** From now on, for so many operations. */
    becomes: <O extends Operation>(operation: O, mood: Moods[O], times: number, which: number) => {
      moods[operation] = mood
      lasting.set(operation, times)
      stale = which
    },
    /** How many operations nobody has given up. */
    underway: () => underway,
    watchers: () => watchers.size,
    /** Another process writes what it knows over a record, with this fence. */
    otherPuts: (name: string, lying: Lying, fence: number): boolean =>
      put(name, { text: recordText(name, lying), fence }),
    otherReleases: (name: string, fence: number) => {
      if (leases.release(name, fence)) wake()
    },
    service: TokenStorage.of({
      capabilities: {
        durable: true,
        shared: true,
        exclusive: options.exclusive,
        watch: options.watching !== "none"
      },
      load,
      save,
      remove: () => Effect.void,
      ...(options.exclusive ? { exclusive } : undefined),
      ...(options.watching === "none" ? undefined : { watch })
    })
  }
}

export type WorldStorage = ReturnType<typeof worldStorage>
