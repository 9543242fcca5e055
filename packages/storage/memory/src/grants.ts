import { type LeaseTaken, type LeaseRequest, maxLeaseMillis } from "@tokenkeep/core"

/** The lease of a name that was granted last. */
export interface Grant {
  readonly owner: string
  readonly fence: number
  /** When the lease ends, in milliseconds of the monotonic clock. */
  endsAt: number
}

/** How long an ended lease is remembered, in milliseconds: longer than any late writer takes to save. */
const rememberedFor = 3_600_000

/** Ended leases are only searched for if there are more names than this. */
const sweepThreshold = 1_000

/** Grants leases by name, each with a higher fence than the one before. */
export const makeGrants = () => {
  const grants = new Map<string, Grant>()
  // Every new fence is above this one, so a forgotten name cannot get one of its old fences again.
  let highestForgotten = 0
  let sweepAt = sweepThreshold

  const forgetOld = (now: number): void => {
    for (const [name, { endsAt, fence }] of grants) {
      if (endsAt + rememberedFor > now) continue
      highestForgotten = Math.max(highestForgotten, fence)
      grants.delete(name)
    }
    sweepAt = Math.max(sweepThreshold, grants.size * 2)
  }

  const nextFence = (name: string, savedFence: number): number =>
    Math.max(highestForgotten, savedFence, grants.get(name)?.fence ?? 0) + 1

  return {
    /** The fence of the name's last lease, while it is remembered. */
    lastFence: (name: string): number | undefined => grants.get(name)?.fence,

    /** The lease of the name, if another owner has it. */
    leaseOfOther: (name: string, owner: string, now: number): LeaseTaken | undefined => {
      const grant = grants.get(name)
      if (grant === undefined || grant.endsAt <= now || grant.owner === owner) return undefined
      return { _tag: "LeaseTaken", owner: grant.owner, fence: grant.fence, left: grant.endsAt - now }
    },

    /** Whether a safe integer is left above the fences of the name. */
    canGrant: (name: string, savedFence: number): boolean => Number.isSafeInteger(nextFence(name, savedFence)),

    /** Grants the lease with a fence above `savedFence` and all earlier leases of the name. */
    grant: (name: string, { millis, owner }: LeaseRequest, savedFence: number, now: number): Grant => {
      const grant = { owner, fence: nextFence(name, savedFence), endsAt: now + Math.min(millis, maxLeaseMillis) }
      if (grants.size >= sweepAt) forgetOld(now)
      grants.set(name, grant)
      return grant
    },

    /** Ends a lease and returns true, or returns false if the name has a newer lease. */
    end: (name: string, grant: Grant, now: number): boolean => {
      if (grants.get(name) !== grant) return false
      grant.endsAt = Math.min(grant.endsAt, now)
      return true
    },

    /** How many names are remembered. */
    size: () => grants.size
  }
}
