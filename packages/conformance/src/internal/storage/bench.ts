import {
  type Held,
  type Lease,
  type LeaseRequest,
  type StorageCapabilities,
  StorageFailure,
  TokenStorage
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { LawBroken } from "../../Law.ts"
import type { StorageSubjectOptions } from "../../StorageSubject.ts"

type Service = TokenStorage["Service"]

/** An opened storage, whose optional operations are there or break the law. */
export interface OpenStorage {
  /** The adapter's service as it is. */
  readonly service: Service
  readonly load: Service["load"]
  readonly save: Service["save"]
  readonly remove: Service["remove"]
  readonly exclusive: (name: string, request: LeaseRequest) => Effect.Effect<Lease | Held, StorageFailure | LawBroken>
  readonly watch: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure | LawBroken, Scope.Scope>
}

/** What a law of storages is checked on: a place of its own. */
export interface StorageBench {
  /** What the author says that the adapter can do. */
  readonly capabilities: StorageCapabilities
  /** Opens the place once more, as another process would, until the scope ends. */
  readonly open: Effect.Effect<OpenStorage, unknown, Scope.Scope>
  /** Two that share the place; one, twice, if the adapter is not shared. */
  readonly pair: Effect.Effect<readonly [OpenStorage, OpenStorage], unknown, Scope.Scope>
  readonly contents: Effect.Effect<ReadonlyArray<string>, unknown>
  readonly break: Effect.Effect<void, unknown, Scope.Scope>
  /** Lets milliseconds pass. */
  readonly pass: (millis: number) => Effect.Effect<void>
  /** The time of a lease that a law lets end, in milliseconds. */
  readonly shortLease: number
  /** How much later than it says a lease may end, in milliseconds. */
  readonly slack: number
}

const missing = (operation: string) =>
  new LawBroken({ reason: `there is no \`${operation}\`, which the capabilities promise` })

const whole = (service: Service): OpenStorage => ({
  service,
  load: (name) => service.load(name),
  save: (name, stored) => service.save(name, stored),
  remove: (name) => service.remove(name),
  exclusive: (name, request) => service.exclusive?.(name, request) ?? Effect.fail(missing("exclusive")),
  watch: (name) => service.watch?.(name) ?? Effect.fail(missing("watch"))
})

/** A memo map of its own, so that a layer that was built before is built once more. */
const buildAnew = (layer: Layer.Layer<TokenStorage, unknown>) =>
  Effect.map(
    Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)),
    (context) => whole(Context.get(context, TokenStorage))
  )

export const makeBench = Effect.fnUntraced(function* <Place>(options: StorageSubjectOptions<Place>) {
  const { capabilities, clock = "live" } = options
  const onTestClock = clock === "test"
  const place = yield* options.place
  const open = Effect.suspend(() => buildAnew(options.open(place)))
  const bench: StorageBench = {
    capabilities,
    open,
    pair: capabilities.shared
      ? Effect.all([open, open])
      : Effect.map(open, (storage): readonly [OpenStorage, OpenStorage] => [storage, storage]),
    contents: options.contents?.(place) ?? Effect.succeed([]),
    break: options.break?.(place) ?? Effect.void,
    pass: onTestClock ? TestClock.adjust : Effect.sleep,
    shortLease: options.shortLease ?? (onTestClock ? 1_000 : 250),
    slack: options.slack ?? (onTestClock ? 10 : 2_000)
  }
  return bench
})
