import { TokenManager } from "@tokenkeep/core"
import { Deeply } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import type { EventPage } from "./eventPage.ts"
import * as Report from "./Report.ts"

/** The same job as an Effect program: services from a layer, and authorization errors as typed failures. */
export const effectDoor = Effect.gen(function* () {
  const deeply = yield* Deeply
  const manager = yield* TokenManager
  const start = performance.now()
  const response = yield* deeply.request("/api/v1/events?size=1")
  const page = (yield* Effect.promise(() => response.json())) as EventPage
  Report.done(`counted ${page.total_cnt} events through Deeply.request`, performance.now() - start)
  const token = yield* manager.get
  Report.detail(`the token prints as ${token}`)
})

/** A key that was revoked, caught by its reason: only a person can fix it. */
export const revokedKey = Effect.gen(function* () {
  const deeply = yield* Deeply
  const manager = yield* TokenManager
  yield* manager.reject(yield* manager.get)
  yield* deeply.request("/api/v1/mics")
  Report.failed("a revoked key should have been refused")
}).pipe(
  Effect.catchReason("AuthError", "ApiKeyRejected", (_, error) =>
    Effect.sync(() => Report.explained("the key is revoked", error.code, error.fix))
  )
)
