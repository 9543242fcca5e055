import type { Held, LeaseRequest } from "../../src/index.ts"
import type { WorldClock } from "./WorldClock.ts"

interface Granted {
  readonly owner: string
  readonly fence: number
  /** By the storage's own clock, which nobody sets. */
  readonly until: number
}

/** The owner of the leases that are not the manager's. */
const other = "another process"

/** A lease as others hold it, in milliseconds. */
const leaseMillis = 12_000

/** The leases of a storage, by name: what a file or a server is to many processes. */
export const worldLeases = (clock: WorldClock, savedFence: (name: string) => number) => {
  const leases = new Map<string, Granted>()
  const fences = new Map<string, number>()
  /** Since when nobody has it. */
  const freeSince = new Map<string, number>()
  /** Leases that the manager gave back, whether or not that worked. */
  const letGo = new Set<number>()

  const holder = (name: string): Granted | undefined => {
    const lease = leases.get(name)
    return lease !== undefined && clock.mono < lease.until ? lease : undefined
  }

  const grant = (name: string, owner: string, until: number) => {
    const fence = Math.max(fences.get(name) ?? 0, savedFence(name)) + 1
    leases.set(name, { owner, fence, until })
    fences.set(name, fence)
    return { _tag: "Lease", fence } as const
  }

  return {
    fence: (name: string): number => fences.get(name) ?? 0,
    ask: (name: string, { millis, owner }: LeaseRequest): { readonly _tag: "Lease"; readonly fence: number } | Held => {
      const lease = holder(name)
      if (lease === undefined || lease.owner === owner) return grant(name, owner, clock.mono + millis)
      const left = Math.min(lease.until - clock.mono, leaseMillis)
      return { _tag: "Held", owner: lease.owner, fence: lease.fence, left }
    },
    release: (name: string, fence: number): boolean => {
      if (leases.get(name)?.fence !== fence) return false
      leases.delete(name)
      freeSince.set(name, clock.mono)
      return true
    },
    letGo: (fence: number) => void letGo.add(fence),
    /** Another process asks; it gets it as well where the manager was away for longer than its lease. */
    otherAsks: (name: string, wish: { readonly robs: boolean; readonly stuck: boolean }): boolean => {
      const lease = holder(name)
      if (lease !== undefined && (lease.owner === other || !wish.robs)) return false
      grant(name, other, wish.stuck ? Infinity : clock.mono + leaseMillis)
      return true
    },
    isHeld: (name: string): boolean => holder(name) !== undefined,
    /** The fence of the lease that another process holds. */
    others: (name: string): number | undefined => {
      const lease = holder(name)
      return lease?.owner === other ? lease.fence : undefined
    },
    /** How many the manager holds and has not given back. */
    kept: (): number =>
      [...leases.keys()].filter((name) => {
        const lease = holder(name)
        return lease !== undefined && lease.owner !== other && !letGo.has(lease.fence)
      }).length,
    /** Since when nobody holds it, in monotonic milliseconds, and whether it was given back. */
    free: (name: string): { readonly since: number; readonly released: boolean } | undefined => {
      if (holder(name) !== undefined) return undefined
      const lease = leases.get(name)
      return lease === undefined
        ? { since: freeSince.get(name) ?? -Infinity, released: true }
        : { since: lease.until, released: false }
    }
  }
}
