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

const servicesOf = (context: Context.Context<TokenManager | AuthorizedClient>): Services => ({
  client: Context.get(context, AuthorizedClient),
  manager: Context.get(context, TokenManager),
  run: runnerOf(context)
})

/** The services of one client, built on first use. */
export const lazyServices = <E>(layer: Layer.Layer<TokenManager | AuthorizedClient, E>) =>
  lazyBuild((scope) => Effect.map(Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope), servicesOf))

/** What {@link lazyBuild} makes. */
export interface LazyBuild<A> {
  readonly now: () => A | undefined
  /** What is built, or a promise of it if an adapter takes time to build; throws if the build fails at once. */
  readonly get: () => A | Promise<A>
  readonly close: () => Promise<void>
}

/**
 * Builds something on first use, synchronously if the adapters' layers allow it: then a request is read at the moment
 * when `fetch` is called. A failed build is tried again by the next caller.
 */
export const lazyBuild = <A, E>(build: (scope: Scope.Closeable) => Effect.Effect<A, E>): LazyBuild<A> => {
  let built: A | undefined
  let fiber: Fiber.Fiber<A, E> | undefined
  let scope: Scope.Closeable | undefined

  /** Keeps what was built, or releases the parts of a failed build; many callers may wait for one build. */
  const finished = (building: typeof fiber, exit: Exit.Exit<A, E>): A => {
    const isFirst = building === fiber
    if (isFirst) fiber = undefined
    if (Exit.isSuccess(exit)) return (built ??= exit.value)
    if (isFirst && scope !== undefined) Effect.runFork(Scope.close(scope, exit))
    throw Cause.squash(exit.cause)
  }

  const start = () => {
    scope = Scope.makeUnsafe()
    return Effect.runFork(build(scope))
  }

  return {
    now: () => built,
    get: () => {
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
