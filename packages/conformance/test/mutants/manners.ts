import * as Effect from "effect/Effect"
import { put, sharedMap, step } from "../support/SharedMap.ts"
import type { Mutant } from "./Mutant.ts"

export const manners: ReadonlyArray<Mutant> = [
  {
    mistake: "says that it does not watch, and does",
    open: (place) => ({ ...sharedMap(place), capabilities: { ...sharedMap(place).capabilities, watch: false } }),
    caughtBy: ["capabilities-are-true"]
  },
  {
    mistake: "says that it elects, and has no way to ask",
    open: (place) => {
      const { exclusive: _, ...others } = sharedMap(place)
      return others
    },
    caughtBy: ["capabilities-are-true", "one-of-many"]
  },
  {
    mistake: "saves when it is called, not when it is run",
    open: (place) => ({
      ...sharedMap(place),
      save: (name, stored) => {
        const saved = put(place, name, stored)
        return Effect.succeed(saved)
      }
    }),
    caughtBy: ["nothing-happens-until-run"]
  },
  {
    mistake: "loads when it is called, not when it is run",
    open: (place) => ({ ...sharedMap(place), load: (name) => Effect.succeed(place.records.get(name)) }),
    caughtBy: ["operations-run-again"]
  },
  {
    mistake: "asks for the lease when it is called, not when it is run",
    open: (place) => {
      const { exclusive, ...others } = sharedMap(place)
      return {
        ...others,
        exclusive: (name, request) => {
          const answer = Effect.runSync(exclusive!(name, request))
          return Effect.succeed(answer)
        }
      }
    },
    caughtBy: ["nothing-happens-until-run", "operations-run-again"]
  },
  {
    mistake: "throws at names that it does not like",
    open: (place) => ({
      ...sharedMap(place),
      load: (name) => {
        if (name.length > 255) throw new Error("name too long")
        return step(place, "load", () => place.records.get(name))
      }
    }),
    caughtBy: ["failures-are-typed"]
  },
  {
    mistake: "dies of texts that it cannot encode",
    open: (place) => ({
      ...sharedMap(place),
      save: (name, stored) =>
        step(place, "save", () => {
          encodeURIComponent(stored.text)
          return put(place, name, stored)
        })
    }),
    caughtBy: ["failures-are-typed"]
  },
  {
    mistake: "dies where it should fail",
    open: (place) => ({ ...sharedMap(place), load: (name) => Effect.orDie(sharedMap(place).load(name)) }),
    caughtBy: ["broken-place-fails-typed"]
  },
  {
    mistake: "fails in the name of another operation",
    open: (place) => ({
      ...sharedMap(place),
      remove: (name) => step(place, "save", () => void place.records.delete(name))
    }),
    caughtBy: ["broken-place-fails-typed"]
  },
  {
    mistake: "fails with an error of its own",
    open: (place) => ({
      ...sharedMap(place),
      load: (name) => Effect.mapError(sharedMap(place).load(name), () => "broken" as never)
    }),
    caughtBy: ["broken-place-fails-typed"]
  },
  {
    mistake: "hangs where it should fail",
    open: (place) => ({
      ...sharedMap(place),
      load: (name) =>
        Effect.orElseSucceed(sharedMap(place).load(name), () => undefined).pipe(
          Effect.andThen((found) => (place.broken ? Effect.never : Effect.succeed(found)))
        )
    }),
    caughtBy: ["broken-place-fails-typed"]
  },
  {
    mistake: "hides that the place is broken",
    open: (place) => sharedMap({ ...place, broken: false }),
    caughtBy: ["broken-place-fails-typed"]
  },
  {
    mistake: "leaves a timer running for each lease",
    open: (place) => {
      const { exclusive, ...others } = sharedMap(place)
      return {
        ...others,
        exclusive: (name, request) =>
          Effect.tap(exclusive!(name, request), () => Effect.forkDetach(Effect.sleep(request.millis)))
      }
    },
    caughtBy: ["closing-leaves-nobody-asleep"]
  },
  {
    mistake: "leaves a temporary record behind when a save is interrupted",
    open: (place) => ({
      ...sharedMap(place),
      save: Effect.fnUntraced(function* (name, stored) {
        const temporary = `${name}.${place.records.size}.tmp`
        place.records.set(temporary, stored)
        yield* Effect.yieldNow
        place.records.delete(temporary)
        return put(place, name, stored)
      })
    }),
    caughtBy: ["leaves-nothing-lying-about"]
  }
]
