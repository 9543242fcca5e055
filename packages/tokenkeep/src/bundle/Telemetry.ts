// In the bundle this stands for the module of the same name in @tokenkeep/core. Where spans and metrics go is said with a
// layer of effect, and there is no effect to say it with here: none are made.
import * as Effect from "effect/Effect"

export const spans: Readonly<Record<string, string>> = {}

export const metrics = {}

export const traced = (): typeof Effect.fnUntraced => Effect.fnUntraced

const nothing = () => Effect.void

export const countIssueCall = Effect.void
export const countReplay = Effect.void
export const countRejection = nothing
export const countRenewal = nothing
export const recordIssueMillis = nothing
export const recordLeaseWait = nothing
export const countStorageFailure = nothing
