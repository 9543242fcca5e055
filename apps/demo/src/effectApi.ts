import { TokenManager } from "@tokenkeep/core"
import { Deeply } from "@tokenkeep/deeply"
import type { RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Report from "./report.ts"

/** Requests as Effects: the client is a service from a layer, and errors are typed. */
export const useEffectApi = Effect.gen(function* () {
  const deeply = yield* Deeply
  const manager = yield* TokenManager
  const start = performance.now()
  const { total_cnt } = yield* deeply.events.list({ size: 1 })
  const response = yield* deeply.request("/api/v1/mics")
  Report.done(`counted ${total_cnt} events and fetched the mics (${response.status})`, performance.now() - start)
  const token = yield* manager.get
  Report.detail(`printing a token shows ${String(token)}`)
})

/** A revoked API key: three requests fail with the same typed error, after one token request. */
export const showRevokedKey = Effect.fnUntraced(function* (server: RunningFakeDeeply) {
  const deeply = yield* Deeply
  const manager = yield* TokenManager
  yield* manager.reject(yield* manager.get)
  server.revokeKey()
  const before = server.stats.tokenRequests
  const request = deeply.request("/api/v1/mics").pipe(
    Effect.as(undefined),
    Effect.catchReason("TokenkeepError", "ApiKeyRejected", (_, error) => Effect.succeed(error))
  )
  const [error] = yield* Effect.all([request, request, request])
  if (error === undefined) return Report.failed("expected API_KEY_REJECTED for a revoked key")
  Report.expectedError("API key revoked", error.code, error.fix)
  const tokenRequests = server.stats.tokenRequests - before
  const seconds = Math.round(((error.retryAt ?? 0) - (yield* Clock.currentTimeMillis)) / 1_000)
  Report.detail(`requests: 3 · token requests: ${tokenRequests} · next one in ${seconds} s, or with a new key`)
  if (tokenRequests !== 1) Report.failed("expected one token request")
})
