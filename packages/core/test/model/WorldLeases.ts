import type { LeaseTaken, LeaseRequest } from "../../src/index.ts"
import type { WorldClock } from "./WorldClock.ts"

interface Granted {
  readonly owner: string
  readonly fence: number
  /** By the storage's own clock, which is never set. */
  readonly until: number
}

/** The owner of the leases that are not the manager's. */
const other = "another process"

/** How long the lease of another process lasts, in milliseconds. */
const leaseMillis = 12_000

/** The leases of a storage, by name: what a file or a server is to many processes. */
export const worldLeases = (clock: WorldClock, savedFence: (name: string) => number) => {
  const leases = new Map<string, Granted>()
  const fences = new Map<string, number>()
  /** Since when a lease is free. */
  const freeSince = new Map<string, number>()
  /** Leases that the manager released, whether or not that worked. */
  const givenBack = new Set<number>()

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
    ask: (
      name: string,
      { millis, owner }: LeaseRequest
    ): { readonly _tag: "Lease"; readonly fence: number } | LeaseTaken => {
      const lease = holder(name)
      if (lease === undefined || lease.owner === owner) return grant(name, owner, clock.mono + millis)
      const left = Math.min(lease.until - clock.mono, leaseMillis)
      return { _tag: "LeaseTaken", owner: lease.owner, fence: lease.fence, left }
    },
    release: (name: string, fence: number): boolean => {
      if (leases.get(name)?.fence !== fence) return false
      leases.delete(name)
      freeSince.set(name, clock.mono)
      return true
    },
    givenBack: (fence: number) => void givenBack.add(fence),
    /** Another process asks for the lease; it also gets it if the manager was frozen for longer than its lease. */
    otherAcquires: (name: string, request: { readonly steals: boolean; readonly stuck: boolean }): boolean => {
      const lease = holder(name)
      if (lease !== undefined && (lease.owner === other || !request.steals)) return false
      grant(name, other, request.stuck ? Infinity : clock.mono + leaseMillis)
      return true
    },
    isHeld: (name: string): boolean => holder(name) !== undefined,
    /** The fence of the lease that another process owns. */
    otherFence: (name: string): number | undefined => {
      const lease = holder(name)
      return lease?.owner === other ? lease.fence : undefined
    },
    /** How many leases the manager owns and has not released. */
    unreleased: (): number =>
      [...leases.keys()].filter((name) => {
        const lease = holder(name)
        return lease !== undefined && lease.owner !== other && !givenBack.has(lease.fence)
      }).length,
    /** Since when the lease is free, in monotonic milliseconds, and whether it was released. */
    free: (name: string): { readonly since: number; readonly released: boolean } | undefined => {
      if (holder(name) !== undefined) return undefined
      const lease = leases.get(name)
      return lease === undefined
        ? { since: freeSince.get(name) ?? -Infinity, released: true }
        : { since: lease.until, released: false }
    }
  }
}
