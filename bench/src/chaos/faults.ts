import type { Fleet, Member, SharedStorage } from "fleet"
import { processFaults } from "./processFaults.ts"

/** For each kind of fault: how often it comes relative to the others, and how many token requests it can cost. */
export const faultKinds = {
  /** Kills a process and starts another one. */
  kill: { weight: 4, cost: () => 1 },
  /** Freezes a process: it wakes up long after its lease has ended. */
  freeze: { weight: 4, cost: () => 1 },
  /** Damages the stored token. */
  tear: { weight: 1, cost: () => 1 },
  /** Removes what is stored. A lease owner and the next one can renew at the same time. */
  wipe: { weight: 1, cost: () => 2 },
  /** A Redis does not respond for a second. */
  hang: { weight: 1, cost: () => 1 },
  /** A Redis is down for five seconds. Meanwhile each process fetches its own tokens. */
  outage: { weight: 1, cost: (processes: number) => 3 * processes }
} as const satisfies Record<string, { readonly weight: number; readonly cost: (processes: number) => number }>

export type FaultKind = keyof typeof faultKinds

interface Surroundings {
  readonly fleet: Fleet
  readonly storage: SharedStorage
  /** A number from `least` to `most`. */
  readonly between: (least: number, most: number) => number
  readonly freezeMillis: readonly [least: number, most: number]
  /** Resolves with the next process that starts a renewal; undefined if none does so soon. */
  readonly nextRenewal: () => Promise<Member | undefined>
}

/** Makes faults of every kind. `settled` waits until each process runs again. */
export const makeFaults = ({ nextRenewal, storage, ...surroundings }: Surroundings) => {
  const { freeze, kill, settled } = processFaults({ ...surroundings, nextTarget: nextRenewal })

  const inStorage = async (fault: (() => Promise<void>) | undefined): Promise<boolean> => {
    await fault?.()
    return fault !== undefined
  }

  /** Each resolves with whether the fault was injected. */
  const inject: Readonly<Record<FaultKind, () => Promise<boolean>>> = {
    kill: async () => (await kill()) !== undefined,
    freeze: async () => (await freeze()) !== undefined,
    tear: () => inStorage(storage.tear),
    wipe: () => inStorage(storage.wipe),
    hang: () => inStorage(storage.faults.hang),
    outage: () => inStorage(storage.faults.outage)
  }
  return { inject, settled }
}
