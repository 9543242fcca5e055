import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { AuthError } from "../AuthError.ts"
import { AuthorizedClient } from "../AuthorizedClient.ts"
import { TokenManager } from "../TokenManager.ts"

/** The one piece of state in this package: clients that are given the same layer object share what it builds (TOK-2). */
const memoMap = Layer.makeMemoMapUnsafe()

/** The services of a token keep, and how to run effects for promise callers. */
export interface Services {
  readonly client: AuthorizedClient["Service"]
  readonly manager: TokenManager["Service"]
  readonly run: <A, E>(effect: Effect.Effect<A, E, TokenManager | AuthorizedClient>, signal?: AbortSignal) => Promise<A>
}

/** Runs effects for promise callers: an abort rejects with the caller's own reason, before anything is begun. */
const runnerOf = (context: Built): Services["run"] => {
  const runExit = Effect.runPromiseExitWith(context)
  return async (effect, signal) => {
    signal?.throwIfAborted()
    const exit = await runExit(effect, signal === undefined ? undefined : { signal })
    if (Exit.isSuccess(exit)) return exit.value
    if (signal?.aborted === true && Cause.hasInterruptsOnly(exit.cause)) throw signal.reason
    throw Cause.squash(exit.cause)
  }
}

type Built = Context.Context<TokenManager | AuthorizedClient>

const servicesOf = (context: Built): Services => ({
  client: Context.get(context, AuthorizedClient),
  manager: Context.get(context, TokenManager),
  run: runnerOf(context)
})

/**
 * Builds the services on first use, and at once where the adapters' layers allow: a request is then taken as it is when
 * `fetch` is called. A build that failed is tried again by the next caller.
 */
export const lazyServices = (layer: Layer.Layer<TokenManager | AuthorizedClient, AuthError>) => {
  let built: Services | undefined
  let fiber: Fiber.Fiber<Built, AuthError> | undefined
  let scope: Scope.Closeable | undefined

  /** A failed build's parts are released, so that the next one starts anew; many callers may wait for one build. */
  const settled = (building: typeof fiber, exit: Exit.Exit<Built, AuthError>): Services => {
    const isFirst = building === fiber
    if (isFirst) fiber = undefined
    if (Exit.isSuccess(exit)) return (built ??= servicesOf(exit.value))
    if (isFirst && scope !== undefined) Effect.runFork(Scope.close(scope, exit))
    throw Cause.squash(exit.cause)
  }

  const start = () => {
    scope = Scope.makeUnsafe()
    return Effect.runFork(Layer.buildWithMemoMap(layer, memoMap, scope))
  }

  return {
    now: () => built,
    /** The services, or a promise of them where an adapter takes time to build; throws where the build fails at once. */
    get: (): Services | Promise<Services> => {
      if (built !== undefined) return built
      const building = (fiber ??= start())
      const exit = building.pollUnsafe()
      return exit === undefined
        ? Effect.runPromise(Fiber.await(building)).then((late) => settled(building, late))
        : settled(building, exit)
    },
    close: async () => {
      if (fiber !== undefined) await Effect.runPromise(Fiber.interrupt(fiber))
      if (scope !== undefined) await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}
