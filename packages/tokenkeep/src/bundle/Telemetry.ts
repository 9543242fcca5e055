// Replaces the module of the same name in @tokenkeep/core. Spans and metrics need a layer of effect, which users of this
// package cannot make. Without them the bundle is 3.2 kB smaller (gzip).
import * as Effect from "effect/Effect"

export const spans: Readonly<Record<string, string>> = {}

export const metrics = {}

export const traced = (): typeof Effect.fnUntraced => Effect.fnUntraced

const nothing = () => Effect.void

export const countTokenRequest = Effect.void
export const countReplay = Effect.void
export const countRejection = nothing
export const countRenewal = nothing
export const recordTokenRequestMillis = nothing
export const recordLeaseWait = nothing
export const countStorageFailure = nothing
