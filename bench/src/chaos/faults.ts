import type { Fleet, Member, SharedStorage } from "fleet"
import { setTimeout as sleep } from "node:timers/promises"

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
export const makeFaults = ({ between, fleet, freezeMillis, nextRenewal, storage }: Surroundings) => {
  const freezes = new Set<Promise<void>>()

  /** Half of the faults hit a process in its renewal, the others one at random. At least two stay awake. */
  const target = async (): Promise<Member | undefined> => {
    const renewing = between(0, 1) < 0.5 ? await nextRenewal() : undefined
    // The token request takes 100 ms: so the fault comes before it, during it or after it.
    if (renewing !== undefined) await sleep(between(0, 150))
    const awake = [...fleet.members].filter(({ isFrozen }) => !isFrozen)
    if (awake.length < 3) return undefined
    return renewing !== undefined && awake.includes(renewing) ? renewing : awake[Math.floor(between(0, awake.length))]
  }

  const inStorage = async (fault: (() => Promise<void>) | undefined): Promise<boolean> => {
    await fault?.()
    return fault !== undefined
  }

  /** Each resolves with whether the fault was injected. */
  const inject: Readonly<Record<FaultKind, () => Promise<boolean>>> = {
    kill: async () => {
      const member = await target()
      await member?.kill()
      if (member !== undefined) await fleet.add()
      return member !== undefined
    },
    freeze: async () => {
      const freeze = (await target())?.freeze(between(...freezeMillis))
      if (freeze !== undefined) freezes.add(freeze)
      return freeze !== undefined
    },
    tear: () => inStorage(storage.tear),
    wipe: () => inStorage(storage.wipe),
    hang: () => inStorage(storage.hang),
    outage: () => inStorage(storage.outage)
  }
  return { inject, settled: () => Promise.all(freezes) }
}
