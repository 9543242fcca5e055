import { type Held, type Lease, StorageFailure, TokenStorage } from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { until } from "redis-servers"

/** Core waits for a second. Here, what must go well may take longer, since the machine may be busy. */
const patience = { generous: 20_000, short: 500 }

const inTime = <A>(operation: Effect.Effect<A, StorageFailure>, millis: number): Effect.Effect<A, StorageFailure> =>
  Effect.timeoutOrElse(operation, {
    duration: millis,
    orElse: () => new StorageFailure({ operation: "load", detail: "no answer" })
  })

/** A storage as core uses it, with promises. */
export interface Opened extends AsyncDisposable {
  readonly load: (name: string) => Promise<string | undefined>
  readonly save: (name: string, text: string, fence?: number) => Promise<boolean>
  readonly remove: (name: string) => Promise<void>
  readonly ask: (name: string, owner: string, millis?: number) => Promise<Held | Lease>
  readonly release: (lease: Held | Lease) => Promise<void>
  /** Watches until the storage is closed; the function waits for the next change. */
  readonly watch: (name: string) => Promise<() => Promise<void>>
  /** Operations are interrupted soon, as core does where a storage is frozen. */
  readonly hurry: () => void
  readonly calm: () => void
  readonly service: TokenStorage["Service"]
  readonly scope: Scope.Closeable
  readonly close: () => Promise<void>
}

/** Opens a storage as a process of its own would. */
export const open = async (layer: Layer.Layer<TokenStorage>): Promise<Opened> => {
  const scope = Scope.makeUnsafe()
  const built = Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)
  const service = Context.get(await Effect.runPromise(built), TokenStorage)
  let limit = patience.generous
  const run = <A>(operation: Effect.Effect<A, StorageFailure>) => Effect.runPromise(inTime(operation, limit))
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  return {
    service,
    hurry: () => (limit = patience.short),
    calm: () => (limit = patience.generous),
    scope,
    load: (name) => run(Effect.map(service.load(name), (found) => found?.text)),
    save: (name, text, fence = 1) => run(service.save(name, { text, fence })),
    remove: (name) => run(service.remove(name)),
    ask: (name, owner, millis = 30_000) => run(service.exclusive!(name, { owner, millis })),
    release: (answer) => (answer._tag === "Lease" ? run(answer.release) : Promise.resolve()),
    watch: async (name) => {
      const next = await run(Scope.provide(service.watch!(name), scope))
      return () =>
        Effect.runPromise(
          Effect.timeoutOrElse(next, { duration: patience.generous, orElse: () => Effect.die("slept") })
        )
    },
    close,
    [Symbol.asyncDispose]: close
  }
}

/** What went wrong, as core sees it; `undefined` for what went well. */
export const failureOf = async (operation: Promise<unknown>): Promise<string | undefined> => {
  try {
    await operation
    return undefined
  } catch (error) {
    if (error instanceof StorageFailure) return error.detail
    throw error
  }
}

/** Waits until a storage works by itself: it is asked again and again, as core does. */
export const untilItWorks = async (storage: Opened, name = "probe"): Promise<void> => {
  storage.hurry()
  await until("The storage works again", async () => (await failureOf(storage.load(name))) === undefined)
  storage.calm()
}
