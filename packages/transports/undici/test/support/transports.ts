import { Transport } from "@tokenkeep/core"
import { UndiciTransport, type UndiciTransportOptions } from "@tokenkeep/transport-undici"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { onTestFinished } from "vitest"

/** A transport as a client builds it, and how to give it up. */
export const opened = async (options?: UndiciTransportOptions) => {
  const scope = Scope.makeUnsafe()
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  onTestFinished(close)
  const context = await Effect.runPromise(Layer.buildWithScope(UndiciTransport.layer(options), scope))
  return { ...Context.get(context, Transport), close }
}

/** What a promise rejects with. */
export const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("It was not rejected.")
    },
    (error: unknown) => error
  )

/** Waits until it holds; a test's own deadline ends it otherwise. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}
