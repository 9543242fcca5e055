import type { Member } from "fleet"
import { setTimeout as sleep } from "node:timers/promises"

interface Surroundings {
  readonly fleet: { readonly members: ReadonlySet<Member>; readonly add: () => Promise<Member> }
  /** A number from `least` to `most`. */
  readonly between: (least: number, most: number) => number
  readonly freezeMillis: readonly [least: number, most: number]
  /** Resolves with the next process that starts what is most sensitive to faults; undefined if none does so soon. */
  readonly nextTarget: () => Promise<Member | undefined>
}

/** Kills and freezes processes. `settled` waits until each of them runs again. */
export const processFaults = ({ between, fleet, freezeMillis, nextTarget }: Surroundings) => {
  const freezes = new Set<Promise<void>>()

  /** Half of the faults hit the next target, the others a process at random. At least two stay awake. */
  const target = async (): Promise<Member | undefined> => {
    const next = between(0, 1) < 0.5 ? await nextTarget() : undefined
    // The token request takes 100 ms: so the fault comes before it, during it or after it.
    if (next !== undefined) await sleep(between(0, 150))
    const awake = [...fleet.members].filter(({ isFrozen }) => !isFrozen)
    if (awake.length < 3) return undefined
    return next !== undefined && awake.includes(next) ? next : awake[Math.floor(between(0, awake.length))]
  }

  return {
    /** Kills a process and starts another one. Resolves with the one that was killed. */
    kill: async (): Promise<Member | undefined> => {
      const member = await target()
      await member?.kill()
      if (member !== undefined) await fleet.add()
      return member
    },
    /** Freezes a process, and does not wait until it runs again. Resolves with that process. */
    freeze: async (): Promise<Member | undefined> => {
      const member = await target()
      if (member !== undefined) freezes.add(member.freeze(between(...freezeMillis)))
      return member
    },
    settled: () => Promise.all(freezes)
  }
}
