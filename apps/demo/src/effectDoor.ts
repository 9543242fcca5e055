import { TokenManager } from "@tokenkeep/core"
import { Deeply } from "@tokenkeep/deeply"
import type { RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Report from "./Report.ts"

/** The same job as an Effect program: services from a layer, and authorization errors as typed failures. */
export const effectDoor = Effect.gen(function* () {
  const deeply = yield* Deeply
  const manager = yield* TokenManager
  const start = performance.now()
  const { total_cnt } = yield* deeply.events.list({ size: 1 })
  const response = yield* deeply.request("/api/v1/mics")
  Report.done(`counted ${total_cnt} events, and got status ${response.status} of mics`, performance.now() - start)
  const token = yield* manager.get
  Report.detail(`the token prints as ${String(token)}`)
})

/** A key that was revoked, caught by its reason: only a person can fix it, and the issuer is asked once. */
export const revokedKey = Effect.fnUntraced(function* (server: RunningFakeDeeply) {
  const deeply = yield* Deeply
  const manager = yield* TokenManager
  yield* manager.reject(yield* manager.get)
  server.revokeKey()
  const before = server.stats.issueCalls
  const refused = deeply.request("/api/v1/mics").pipe(
    Effect.as(undefined),
    Effect.catchReason("AuthError", "ApiKeyRejected", (_, error) => Effect.succeed(error))
  )
  const [error] = yield* Effect.all([refused, refused, refused])
  if (error === undefined) return Report.failed("a revoked key should have been refused")
  Report.explained("the key is revoked", error.code, error.fix)
  const calls = server.stats.issueCalls - before
  const seconds = Math.round(((error.retryAt ?? 0) - (yield* Clock.currentTimeMillis)) / 1_000)
  Report.detail(`3 requests · issue calls ${calls} · remembered for ${seconds} s, or until the key changes`)
  if (calls !== 1) Report.failed("the issuer should have been asked once")
})
