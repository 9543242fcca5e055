import type { Held, Lease, LeaseRequest } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import {
  free,
  grant,
  type Granted,
  heldBy,
  nextFence,
  type Place,
  put,
  sharedMap,
  step,
  wake
} from "../support/SharedMap.ts"
import type { Mutant } from "./Mutant.ts"

type Ask = (place: Place, name: string, request: LeaseRequest, now: number) => Lease | Held

/** The correct way, in parts to get wrong. */
const granted = (place: Place, name: string, { millis, owner }: LeaseRequest, now: number): Granted => ({
  owner,
  fence: nextFence(place, name),
  until: now + millis
})

const correct: Ask = (place, name, request, now) =>
  heldBy(place, name, request.owner, now) ?? grant(place, name, granted(place, name, request, now))

/** Answers who asks by another rule. */
const asking = (ask: Ask) => (place: Place) => ({
  ...sharedMap(place),
  exclusive: (name: string, request: LeaseRequest) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => step(place, "exclusive", () => ask(place, name, request, now)))
})

/** Tells those who are refused something else. */
const telling = (change: (held: Held, request: LeaseRequest) => Partial<Held>) =>
  asking((place, name, request, now) => {
    const answer = correct(place, name, request, now)
    return answer._tag === "Held" ? { ...answer, ...change(answer, request) } : answer
  })

/** Gives a lease back by another rule. */
const releasing = (release: (place: Place, name: string, lease: Granted) => Effect.Effect<void>) =>
  asking((place, name, request, now) => {
    const answer = correct(place, name, request, now)
    const lease = place.leases.get(name)
    return answer._tag === "Held" || !lease ? answer : { ...answer, release: release(place, name, lease) }
  })

/** Lets go of a moment between looking and taking, if `when`. */
const hesitating = (when: (place: Place, name: string) => boolean) => (place: Place) => ({
  ...sharedMap(place),
  exclusive: Effect.fnUntraced(function* (name: string, request: LeaseRequest) {
    const now = yield* Clock.currentTimeMillis
    const held = heldBy(place, name, request.owner, now)
    if (held) return held
    if (when(place, name)) yield* Effect.yieldNow
    return grant(place, name, granted(place, name, request, now))
  })
})

export const leases: ReadonlyArray<Mutant> = [
  {
    mistake: "grants a lease to everyone",
    open: asking((place, name, request, now) => grant(place, name, granted(place, name, request, now))),
    caughtBy: ["one-of-many", "lease-ends-by-itself"]
  },
  {
    mistake: "looks whether the lease is free, and takes it a moment later",
    open: hesitating(() => true),
    caughtBy: ["one-of-many"]
  },
  {
    mistake: "takes over an ended lease a moment after it looked",
    open: hesitating(({ leases: taken }, name) => (taken.get(name)?.until ?? 0) > 0),
    caughtBy: ["ended-lease-goes-to-one"]
  },
  {
    mistake: "never lets a lease end",
    open: asking((place, name, request, now) => correct(place, name, { ...request, millis: Infinity }, now)),
    caughtBy: ["lease-ends-by-itself"]
  },
  {
    mistake: "lets a lease end halfway",
    open: asking((place, name, request, now) => correct(place, name, { ...request, millis: request.millis / 2 }, now)),
    caughtBy: ["lease-ends-by-itself"]
  },
  {
    mistake: "releases whatever lease there is",
    open: releasing((place, name) =>
      Effect.sync(() => void place.leases.set(name, { ...place.leases.get(name)!, until: 0 }))
    ),
    caughtBy: ["late-release-frees-nothing", "replaced-release-frees-nothing"]
  },
  {
    mistake: "releases whatever lease the owner has",
    open: releasing((place, name, { owner }) =>
      Effect.sync(() => {
        const last = place.leases.get(name)
        if (last?.owner === owner) free(place, name, last)
      })
    ),
    caughtBy: ["replaced-release-frees-nothing"]
  },
  {
    mistake: "does not release",
    open: releasing(() => Effect.void),
    caughtBy: ["release-frees-at-once"]
  },
  {
    mistake: "throws when a lease is given back twice",
    open: releasing((place, name, lease) =>
      Effect.sync(() => {
        if (lease.until === 0) throw new Error("released before")
        free(place, name, lease)
      })
    ),
    caughtBy: ["release-frees-at-once"]
  },
  {
    mistake: "forgets the fence with the release",
    open: releasing((place, name, lease) =>
      Effect.sync(() => {
        if (place.leases.get(name) === lease) place.leases.delete(name)
        wake(place, name)
      })
    ),
    caughtBy: ["fences-rise", "lost-lease-saves-nothing"]
  },
  {
    mistake: "counts fences for each instance",
    open: (place) => {
      let fence = 0
      return asking(
        (_, name, request, now) =>
          heldBy(place, name, request.owner, now) ??
          grant(place, name, { ...granted(place, name, request, now), fence: (fence += 1) })
      )(place)
    },
    caughtBy: ["fences-rise", "fences-outlive-closing"]
  },
  {
    mistake: "forgets the leases when it is closed",
    open: (place) =>
      Effect.acquireRelease(
        Effect.sync(() => sharedMap(place)),
        () => Effect.sync(() => place.leases.clear())
      ),
    caughtBy: ["fences-outlive-closing"]
  },
  {
    mistake: "counts fences without the record",
    open: asking(
      (place, name, request, now) =>
        heldBy(place, name, request.owner, now) ??
        grant(place, name, { ...granted(place, name, request, now), fence: (place.leases.get(name)?.fence ?? 0) + 1 })
    ),
    caughtBy: ["fences-rise", "fences-stay-exact"]
  },
  {
    mistake: "has one lease for all names",
    open: (place) => {
      const { exclusive, ...others } = sharedMap(place)
      return { ...others, exclusive: (_, request) => exclusive!("all", request) }
    },
    caughtBy: ["leases-of-names-are-apart"]
  },
  {
    mistake: "refuses the owner of the lease",
    open: asking((place, name, request, now) => heldBy(place, name, "", now) ?? correct(place, name, request, now)),
    caughtBy: ["owner-gets-it-again"]
  },
  {
    mistake: "gives the owner the same lease again",
    open: asking((place, name, request, now) => {
      const last = place.leases.get(name)
      const same = last?.owner === request.owner && last.until > now
      return same ? grant(place, name, last) : correct(place, name, request, now)
    }),
    caughtBy: ["owner-gets-it-again"]
  },
  {
    mistake: "leaves the end as it was when the owner gets the lease again",
    open: asking((place, name, request, now) => {
      const last = place.leases.get(name)
      const same = last?.owner === request.owner && last.until > now
      return correct(place, name, same ? { ...request, millis: last.until - now } : request, now)
    }),
    caughtBy: ["owner-gets-it-again"]
  },
  {
    mistake: "tells those who are refused their own name",
    open: telling((_, { owner }) => ({ owner })),
    caughtBy: ["held-names-its-owner"]
  },
  {
    mistake: "tells those who are refused the next fence",
    open: telling(({ fence }) => ({ fence: fence + 1 })),
    caughtBy: ["held-names-its-owner"]
  },
  { mistake: "says that no time is left", open: telling(() => ({ left: 0 })), caughtBy: ["held-tells-the-time-left"] },
  {
    mistake: "says when the lease ends, not how long it lasts",
    open: telling(({ left }) => ({ left: left + 1_800_000_000_000 })),
    caughtBy: ["held-tells-the-time-left"]
  },
  {
    mistake: "leaves the lease to whoever was interrupted while asking",
    open: (place) => {
      const { exclusive, ...others } = sharedMap(place)
      return { ...others, exclusive: (name, request) => Effect.tap(exclusive!(name, request), () => Effect.yieldNow) }
    },
    caughtBy: ["interrupted-asking-leaves-no-lease"]
  },
  {
    mistake: "frees the lease when the record is removed",
    open: (place) => ({
      ...sharedMap(place),
      remove: (name) =>
        step(place, "remove", () => {
          place.records.delete(name)
          place.leases.delete(name)
        })
    }),
    caughtBy: ["lease-and-record-are-apart", "fences-rise"]
  },
  {
    mistake: "keeps an empty record for a lease",
    open: asking((place, name, request, now) => {
      const answer = correct(place, name, request, now)
      if (!place.records.has(name)) place.records.set(name, { text: "", fence: answer.fence })
      return answer
    }),
    caughtBy: ["lease-and-record-are-apart"]
  },
  {
    mistake: "waits until the lease is free",
    open: (place) => {
      const { exclusive, ...others } = sharedMap(place)
      return {
        ...others,
        exclusive: Effect.fnUntraced(function* (name, request) {
          while (true) {
            const answer = yield* exclusive!(name, request)
            if (answer._tag === "Lease") return answer
            yield* Effect.sleep(5)
          }
        })
      }
    },
    caughtBy: ["asking-does-not-wait"]
  },
  {
    mistake: "starts the time of a lease anew when another asks",
    open: asking((place, name, request, now) => {
      const answer = correct(place, name, request, now)
      if (answer._tag === "Held") place.leases.get(name)!.until = now + 1_000
      return answer
    }),
    caughtBy: ["lease-ends-by-itself"]
  },
  {
    mistake: "refuses to save for those who have no lease",
    open: (place) => ({
      ...sharedMap(place),
      save: (name, stored) =>
        step(place, "save", () => {
          const { fence, until = 0 } = place.leases.get(name) ?? {}
          return until > 0 && fence !== stored.fence ? false : put(place, name, stored)
        })
    }),
    caughtBy: ["lease-and-record-are-apart"]
  },
  {
    mistake: "takes a save as the release",
    open: (place) => ({
      ...sharedMap(place),
      save: (name, stored) => {
        const { save } = sharedMap(place)
        const last = place.leases.get(name)
        return Effect.tap(save(name, stored), () => Effect.sync(() => last && free(place, name, last)))
      }
    }),
    caughtBy: ["lease-and-record-are-apart"]
  }
]
