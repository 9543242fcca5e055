import {
  type ExclusiveChange,
  type ExclusiveRecord,
  type LeaseTaken,
  type Lease,
  StorageFailure,
  TokenStorage
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { until } from "redis-servers"

/** Core waits one second. Operations that must succeed get more time here, because the machine may be busy. */
const maxWait = { long: 20_000, short: 500 }

const inTime = <A>(operation: Effect.Effect<A, StorageFailure>, millis: number): Effect.Effect<A, StorageFailure> =>
  Effect.timeoutOrElse(operation, {
    duration: millis,
    orElse: () => new StorageFailure({ operation: "load", detail: "no response" })
  })

/** A storage with promises instead of effects. */
export interface Opened extends AsyncDisposable {
  readonly load: (name: string) => Promise<string | undefined>
  readonly save: (name: string, text: string, fence?: number) => Promise<boolean>
  readonly remove: (name: string) => Promise<void>
  readonly acquireLease: (name: string, owner: string, millis?: number) => Promise<LeaseTaken | Lease>
  readonly loadExclusive: (name: string) => Promise<ExclusiveRecord | undefined>
  readonly replace: (name: string, change: ExclusiveChange) => Promise<boolean>
  readonly release: (lease: LeaseTaken | Lease) => Promise<void>
  /** Watches until the storage is closed. The returned function waits for the next change. */
  readonly watch: (name: string) => Promise<() => Promise<void>>
  /** Interrupts operations early, as core does if a storage is frozen. */
  readonly useShortTimeout: () => void
  readonly useLongTimeout: () => void
  readonly service: TokenStorage["Service"]
  readonly scope: Scope.Closeable
  readonly close: () => Promise<void>
}

/** Opens a storage of its own, which shares no layer with other storages. */
export const open = async (layer: Layer.Layer<TokenStorage>): Promise<Opened> => {
  const scope = Scope.makeUnsafe()
  const built = Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)
  const service = Context.get(await Effect.runPromise(built), TokenStorage)
  let limit = maxWait.long
  const run = <A>(operation: Effect.Effect<A, StorageFailure>) => Effect.runPromise(inTime(operation, limit))
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  return {
    service,
    useShortTimeout: () => (limit = maxWait.short),
    useLongTimeout: () => (limit = maxWait.long),
    scope,
    load: (name) => run(Effect.map(service.load(name), (found) => found?.text)),
    save: (name, text, fence = 1) => run(service.save(name, { text, fence })),
    remove: (name) => run(service.remove(name)),
    acquireLease: (name, owner, millis = 30_000) => run(service.acquireLease!(name, { owner, millis })),
    loadExclusive: (name) => run(service.exclusive!.load(name)),
    replace: (name, change) => run(service.exclusive!.replace(name, change)),
    release: (lease) => (lease._tag === "Lease" ? run(lease.release) : Promise.resolve()),
    watch: async (name) => {
      const next = await run(Scope.provide(service.watch!(name), scope))
      return () =>
        Effect.runPromise(
          Effect.timeoutOrElse(next, {
            duration: maxWait.long,
            orElse: () => Effect.die("The watcher was not notified.")
          })
        )
    },
    close,
    [Symbol.asyncDispose]: close
  }
}

/** The detail of a StorageFailure, or `undefined` if the operation succeeded. */
export const failureOf = async (operation: Promise<unknown>): Promise<string | undefined> => {
  try {
    await operation
    return undefined
  } catch (error) {
    if (error instanceof StorageFailure) return error.detail
    throw error
  }
}

/** Repeats an operation until it succeeds, as core does. */
export const untilUsable = async (storage: Opened, name = "probe"): Promise<void> => {
  storage.useShortTimeout()
  await until("The storage is usable", async () => (await failureOf(storage.load(name))) === undefined)
  storage.useLongTimeout()
}
