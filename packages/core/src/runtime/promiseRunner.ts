import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { withCallerFrames } from "../errors/callerFrames.ts"

/** Runs an effect for a promise caller. */
export type PromiseRunner<R = never> = <A, E>(
  effect: Effect.Effect<A, E, R>,
  signal: AbortSignal | undefined
) => Promise<A>

/** Runs effects for promise callers: an abort rejects with the caller's own reason, before anything is started. */
export const runnerOf = <R>(context: Context.Context<R>): PromiseRunner<R> => {
  const runExit = Effect.runPromiseExitWith(context)
  return async (effect, signal) => {
    signal?.throwIfAborted()
    const exit = await runExit(effect, signal === undefined ? undefined : { signal })
    if (Exit.isSuccess(exit)) return exit.value
    // The runtime does not keep the caller's reason.
    if (signal?.aborted === true && Cause.hasInterruptsOnly(exit.cause)) throw signal.reason
    throw withCallerFrames(Cause.squash(exit.cause))
  }
}
