import { storageSubject } from "@tokenkeep/conformance"
import { TokenStorage } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { makePlace, type Place, type Service } from "./SharedMap.ts"

/** Opens a place; what it needs a scope for ends with the instance. */
export type Open = (place: Place) => Service | Effect.Effect<Service, never, Scope.Scope>

export const subjectOf = (title: string, open: Open, options: { clock?: "live" | "test"; deadline?: number } = {}) =>
  storageSubject({
    title,
    capabilities: { durable: true, shared: true, exclusive: true, watch: true },
    place: makePlace,
    open: (place) =>
      Layer.effect(
        TokenStorage,
        Effect.suspend(() => {
          const opened = open(place)
          return Effect.isEffect(opened) ? opened : Effect.succeed(opened)
        })
      ),
    contents: ({ leases, records }) => Effect.sync(() => [...records.keys(), ...leases.keys()]),
    break: (place) => Effect.sync(() => void (place.broken = true)),
    clock: "test",
    ...options
  })
