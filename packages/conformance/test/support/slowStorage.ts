import type { Lease, LeaseRequest, LeaseTaken } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { endOf, grant, type Location, nextFence, type Service, sharedMap, step, takenFrom } from "./sharedMap.ts"

/** How many milliseconds late leases expire. */
const late = 150

/** Numbers that look arbitrary, and are the same in every run. */
const makeArbitrary = () => {
  let state = 7
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/**
 * A correct storage that is as slow as the contract allows: every step takes a while and cannot be interrupted, fences
 * skip numbers, leases expire late, and a watch wakes once without a change and misses one.
 */
export const slowStorage = (location: Location): Service => {
  const { capabilities, exclusive, load, remove, save, watch } = sharedMap(location)
  const arbitrary = makeArbitrary()
  const slowly = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptible(
      Effect.andThen(
        Effect.suspend(() => Effect.sleep(arbitrary(4))),
        Effect.tap(effect, () => Effect.suspend(() => Effect.sleep(arbitrary(2))))
      )
    )

  const acquire = (name: string, { millis, owner }: LeaseRequest, now: number): Lease | LeaseTaken => {
    const taken = takenFrom(location, name, owner, now)
    if (taken) return { ...taken, owner: `${taken.owner} (process 7 of host a)`, left: Math.max(0, taken.left - late) }
    const fence = Math.min(nextFence(location, name) + arbitrary(1_000), Number.MAX_SAFE_INTEGER)
    return grant(location, name, { owner, fence, until: endOf(millis, now) + late })
  }

  /** Releases the lease if the call was interrupted. */
  const acquireLease = (name: string, request: LeaseRequest) =>
    Effect.callback<Lease | LeaseTaken>((resume) => {
      const acquired = Effect.runPromise(
        slowly(Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sync(() => acquire(name, request, now))))
      )
      void acquired.then((lease) => resume(Effect.succeed(lease)))
      return Effect.flatMap(
        Effect.promise(() => acquired),
        (lease) => (lease._tag === "Lease" ? Effect.ignore(lease.release) : Effect.void)
      )
    })

  const unreliable = (next: Effect.Effect<void>): Effect.Effect<void> => {
    let wakes = 0
    return Effect.suspend(() => {
      wakes += 1
      if (wakes === 1) return Effect.sleep(5)
      return wakes === 2 ? Effect.andThen(next, next) : next
    })
  }

  return {
    capabilities,
    load: (name) => slowly(load(name)),
    save: (name, stored) => slowly(save(name, stored)),
    remove: (name) => slowly(remove(name)),
    exclusive: {
      load: (name) => slowly(exclusive.load(name)),
      replace: (name, change) => slowly(exclusive.replace(name, change))
    },
    acquireLease: (name, request) =>
      Effect.andThen(
        step(location, "acquireLease", () => undefined),
        acquireLease(name, request)
      ),
    watch: (name) => Effect.map(watch(name), unreliable)
  }
}
