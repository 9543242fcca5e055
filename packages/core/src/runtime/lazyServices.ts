import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { TokenManager } from "../lifecycle/TokenManager.ts"
import { AuthorizedClient } from "../requests/AuthorizedClient.ts"
import { type PromiseRunner, runnerOf } from "./promiseRunner.ts"

/** The services of a client, and how to run effects with them for promise callers. */
export interface Services {
  readonly client: AuthorizedClient["Service"]
  readonly manager: TokenManager["Service"]
  readonly run: PromiseRunner<TokenManager | AuthorizedClient>
}

type Built = Context.Context<TokenManager | AuthorizedClient>

const servicesOf = (context: Built): Services => ({
  client: Context.get(context, AuthorizedClient),
  manager: Context.get(context, TokenManager),
  run: runnerOf(context)
})

/**
 * Builds the services on first use, synchronously if the adapters' layers allow it: then a request is read at the moment
 * when `fetch` is called. A failed build is tried again by the next caller.
 */
export const lazyServices = <E>(layer: Layer.Layer<TokenManager | AuthorizedClient, E>) => {
  let built: Services | undefined
  let fiber: Fiber.Fiber<Built, E> | undefined
  let scope: Scope.Closeable | undefined

  /** Keeps the services, or releases the parts of a failed build; many callers may wait for one build. */
  const finished = (building: typeof fiber, exit: Exit.Exit<Built, E>): Services => {
    const isFirst = building === fiber
    if (isFirst) fiber = undefined
    if (Exit.isSuccess(exit)) return (built ??= servicesOf(exit.value))
    if (isFirst && scope !== undefined) Effect.runFork(Scope.close(scope, exit))
    throw Cause.squash(exit.cause)
  }

  const start = () => {
    scope = Scope.makeUnsafe()
    return Effect.runFork(Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope))
  }

  return {
    now: () => built,
    /** The services, or a promise of them if an adapter takes time to build; throws if the build fails at once. */
    get: (): Services | Promise<Services> => {
      if (built !== undefined) return built
      const building = (fiber ??= start())
      const exit = building.pollUnsafe()
      return exit === undefined
        ? Effect.runPromise(Fiber.await(building)).then((late) => finished(building, late))
        : finished(building, exit)
    },
    close: async () => {
      if (fiber !== undefined) await Effect.runPromise(Fiber.interrupt(fiber))
      if (scope !== undefined) await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}
