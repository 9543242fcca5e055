import type { Held, Lease, LeaseRequest } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { grant, heldBy, nextFence, type Place, type Service, sharedMap, step } from "./SharedMap.ts"

/** How much later than they say leases end here, in milliseconds. */
const late = 150

/** The next of some numbers that look arbitrary, and are the same in every run. */
const makeArbitrary = () => {
  let state = 7
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/**
 * An adapter that is as slow and as unhelpful as a storage may be: every step takes a while and cannot be stopped, fences
 * leap, leases end late, owners are named at length, and a watch is woken for nothing and misses a change.
 */
export const slowStorage = (place: Place): Service => {
  const { capabilities, load, remove, save, watch } = sharedMap(place)
  const arbitrary = makeArbitrary()
  const slowly = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptible(
      Effect.andThen(
        Effect.suspend(() => Effect.sleep(arbitrary(4))),
        Effect.tap(effect, () => Effect.suspend(() => Effect.sleep(arbitrary(2))))
      )
    )

  const ask = (name: string, { millis, owner }: LeaseRequest, now: number): Lease | Held => {
    const held = heldBy(place, name, owner, now)
    if (held) return { ...held, owner: `${held.owner} (process 7 of host a)`, left: Math.max(0, held.left - late) }
    return grant(place, name, {
      owner,
      fence: Math.min(nextFence(place, name) + arbitrary(1_000), Number.MAX_SAFE_INTEGER),
      until: now + millis + late
    })
  }

  /** Gives the lease back to the name when whoever asked was interrupted meanwhile. */
  const exclusive = (name: string, request: LeaseRequest) =>
    Effect.callback<Lease | Held>((resume) => {
      const asked = Effect.runPromise(
        slowly(Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sync(() => ask(name, request, now))))
      )
      void asked.then((answer) => resume(Effect.succeed(answer)))
      return Effect.flatMap(
        Effect.promise(() => asked),
        (answer) => (answer._tag === "Lease" ? Effect.ignore(answer.release) : Effect.void)
      )
    })

  const unreliable = (next: Effect.Effect<void>): Effect.Effect<void> => {
    let ended = 0
    return Effect.suspend(() => {
      ended += 1
      if (ended === 1) return Effect.sleep(5)
      return ended === 2 ? Effect.andThen(next, next) : next
    })
  }

  return {
    capabilities,
    load: (name) => slowly(load(name)),
    save: (name, stored) => slowly(save(name, stored)),
    remove: (name) => slowly(remove(name)),
    exclusive: (name, request) =>
      Effect.andThen(
        step(place, "exclusive", () => undefined),
        exclusive(name, request)
      ),
    watch: (name) => Effect.map(watch!(name), unreliable)
  }
}
