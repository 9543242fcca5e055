import type { Held, LeaseRequest } from "@tokenkeep/core"

/** A lease that was granted, and the last fence of its name for as long as it is remembered. */
export interface Grant {
  readonly owner: string
  readonly fence: number
  /** When it ends, in milliseconds of the monotonic clock. */
  until: number
}

/** How long the fence of a lease is remembered after its end, in milliseconds: no late writer comes later than that. */
const memory = 3_600_000

/** How many names are remembered without a look at which of them can be forgotten. */
const roomy = 1_000

/** Who was granted the lease of each name, and with which fence. */
export const makeGrants = () => {
  const grants = new Map<string, Grant>()
  // No fence at or below it is granted any more, so that a name may be forgotten.
  let floor = 0
  let sweepAt = roomy

  const sweep = (now: number): void => {
    for (const [name, { fence, until }] of grants) {
      if (until + memory > now) continue
      floor = Math.max(floor, fence)
      grants.delete(name)
    }
    sweepAt = Math.max(roomy, grants.size * 2)
  }

  const next = (name: string, saved: number): number => Math.max(floor, saved, grants.get(name)?.fence ?? 0) + 1

  return {
    /** The fence that the last lease of a name was granted with. */
    fenceOf: (name: string): number | undefined => grants.get(name)?.fence,

    /** Whoever has the lease of a name, unless that is who asks. */
    heldAgainst: (name: string, owner: string, now: number): Held | undefined => {
      const grant = grants.get(name)
      if (grant === undefined || grant.until <= now || grant.owner === owner) return undefined
      return { _tag: "Held", owner: grant.owner, fence: grant.fence, left: grant.until - now }
    },

    /** Whether a number is left above the fences of a name. */
    canGrant: (name: string, saved: number): boolean => Number.isSafeInteger(next(name, saved)),

    /** Grants the lease of a name with a fence above all before and above `saved`. */
    grant: (name: string, { millis, owner }: LeaseRequest, saved: number, now: number): Grant => {
      const grant = { owner, fence: next(name, saved), until: now + millis }
      if (grants.size >= sweepAt) sweep(now)
      grants.set(name, grant)
      return grant
    },

    /** Ends a lease, unless its name has another by now; answers whether it did. */
    end: (name: string, grant: Grant, now: number): boolean => {
      if (grants.get(name) !== grant) return false
      grant.until = Math.min(grant.until, now)
      return true
    },

    /** How many names are remembered. */
    size: () => grants.size
  }
}
