import * as Effect from "effect/Effect"
import { StorageFailure, type StoredText, TokenStorage } from "../../src/index.ts"

export type LoadMood = "works" | "hangs" | "fails" | "throws" | "stale" | "corrupt"
export type SaveMood = "works" | "hangs" | "fails" | "throws" | "loses"

export interface StorageWitness {
  readonly loadAsked: () => void
  /** What was handed out, or that nothing was to be had. */
  readonly loaded: (stored: StoredText | "failed" | undefined) => void
  readonly saveAsked: (stored: StoredText) => void
  readonly saved: (result: boolean) => void
}

/** A token as it lies in the storage: what another process wrote, or an old record that turns up again. */
export interface Lying {
  readonly id: string
  readonly token: string
  readonly issuedAt: number
  readonly expiresAt?: number
}

export const lyingIn = (stored: StoredText | "failed" | undefined): Lying | undefined => {
  if (stored === undefined || stored === "failed" || !stored.text.endsWith("}")) return undefined
  return JSON.parse(stored.text) as Lying
}

/** A storage that other processes write as well, and that has bad days. */
export const worldStorage = (witness: StorageWitness) => {
  const records = new Map<string, StoredText>()
  const old: Array<StoredText> = []
  const mood = { load: "works" as LoadMood, save: "works" as SaveMood, stale: 0 }
  let lastName = ""
  let underway = 0

  /** Never answers; whoever asked has to give up. */
  const silence = (givenUp: () => void): Effect.Effect<never> =>
    Effect.suspend(() => {
      underway += 1
      return Effect.onInterrupt(Effect.never, () =>
        Effect.sync(() => {
          underway -= 1
          givenUp()
        })
      )
    })

  const failure = (operation: "load" | "save", tell: () => void) =>
    Effect.suspend(() => {
      tell()
      return Effect.fail(new StorageFailure({ operation, detail: "a bad day" }))
    })

  const handOut = (stored: StoredText | undefined) =>
    Effect.sync(() => {
      witness.loaded(stored)
      return stored
    })

  const load = (name: string): Effect.Effect<StoredText | undefined, StorageFailure> => {
    lastName = name
    witness.loadAsked()
    switch (mood.load) {
      case "hangs":
        return silence(() => witness.loaded("failed"))
      case "fails":
        return failure("load", () => witness.loaded("failed"))
      case "throws":
        witness.loaded("failed")
        throw new Error("a bug in the adapter")
      case "stale":
        return handOut(old[mood.stale % Math.max(1, old.length)])
      case "corrupt":
        return handOut({ text: '{"id":', fence: 1 })
      case "works":
        return handOut(records.get(name))
    }
  }

  const put = (name: string, stored: StoredText): boolean => {
    const last = records.get(name)
    if (last !== undefined && last.fence > stored.fence) return false
    records.set(name, stored)
    old.push(stored)
    return true
  }

  const save = (name: string, stored: StoredText): Effect.Effect<boolean, StorageFailure> => {
    witness.saveAsked(stored)
    switch (mood.save) {
      case "hangs":
        return silence(() => witness.saved(false))
      case "fails":
        return failure("save", () => witness.saved(false))
      case "throws":
        witness.saved(false)
        throw new Error("a bug in the adapter")
      default:
        return Effect.sync(() => {
          witness.saved(true)
          return mood.save === "loses" || put(name, stored)
        })
    }
  }

  return {
    mood,
    /** How many operations nobody has given up. */
    underway: () => underway,
    /** Another process renews the token of the record that was asked for last; nothing without one. */
    otherRenews: (token: Lying): boolean => {
      const last = records.get(lastName)
      if (last === undefined) return false
      const { expiresAt: _, ...rest } = JSON.parse(last.text) as Lying
      return put(lastName, { text: JSON.stringify({ ...rest, ...token }), fence: last.fence + 1 })
    },
    service: TokenStorage.of({
      capabilities: { durable: true, shared: true, exclusive: false, watch: false },
      load,
      save,
      remove: () => Effect.void
    })
  }
}
