import { Transport } from "@tokenkeep/core"
import { UndiciTransport, type UndiciTransportOptions } from "@tokenkeep/transport-undici"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { onTestFinished } from "vitest"

/** Builds a transport as a client does. `close` releases it. */
export const openTransport = async (options?: UndiciTransportOptions) => {
  const scope = Scope.makeUnsafe()
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  onTestFinished(close)
  const context = await Effect.runPromise(Layer.buildWithScope(UndiciTransport.layer(options), scope))
  return { ...Context.get(context, Transport), close }
}

/** The error that a promise rejects with. */
export const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("The promise was not rejected.")
    },
    (error: unknown) => error
  )

/** Polls a condition. The timeout of the test ends it. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}
