import {
  type ExclusiveChange,
  type ExclusiveRecord,
  type Lease,
  type LeaseRequest,
  type LeaseTaken,
  type StorageCapabilities,
  type StorageFailure,
  TokenStorage
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import type { ContractViolation } from "../../ContractTest.ts"
import type { StorageUnderTest } from "../../StorageUnderTest.ts"
import { violated } from "../checks.ts"

type Service = TokenStorage["Service"]

/** An open storage. An optional operation that its capabilities promise, but that is not there, fails the test. */
export interface OpenStorage extends Pick<Service, "load" | "save" | "remove"> {
  /** The adapter's service as it is. */
  readonly service: Service
  readonly acquireLease: (
    name: string,
    request: LeaseRequest
  ) => Effect.Effect<Lease | LeaseTaken, StorageFailure | ContractViolation>
  readonly watch: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure | ContractViolation, Scope.Scope>
  readonly exclusive: {
    readonly load: (name: string) => Effect.Effect<ExclusiveRecord | undefined, StorageFailure | ContractViolation>
    readonly replace: (
      name: string,
      change: ExclusiveChange
    ) => Effect.Effect<boolean, StorageFailure | ContractViolation>
  }
}

export type Pair = readonly [OpenStorage, OpenStorage]

/** One location, and ways to open it. */
export interface StorageFixture {
  readonly capabilities: StorageCapabilities
  /** Opens the location once more, as another process would, until the scope ends. */
  readonly open: Effect.Effect<OpenStorage, unknown, Scope.Scope>
  /** Two instances that share the location; twice the same one if the adapter is not shared. */
  readonly pair: Effect.Effect<Pair, unknown, Scope.Scope>
  readonly contents: Effect.Effect<ReadonlyArray<string>, unknown>
  readonly disable: Effect.Effect<void, unknown, Scope.Scope>
  readonly damage: Effect.Effect<void, unknown>
  /** Lets this many milliseconds pass. */
  readonly pass: (millis: number) => Effect.Effect<void>
  readonly shortLease: number
  readonly expiryTolerance: number
}

const noExclusive = violated("the capabilities promise `exclusive`, which is not there")

const opened = (service: Service): OpenStorage => ({
  service,
  load: (name) => service.load(name),
  save: (name, stored) => service.save(name, stored),
  remove: (name) => service.remove(name),
  acquireLease: (name, request) =>
    service.acquireLease?.(name, request) ?? violated("the capabilities promise `acquireLease`, which is not there"),
  watch: (name) => service.watch?.(name) ?? violated("the capabilities promise `watch`, which is not there"),
  exclusive: {
    load: (name) => service.exclusive?.load(name) ?? noExclusive,
    replace: (name, change) => service.exclusive?.replace(name, change) ?? noExclusive
  }
})

/** With a memo map of its own, so that a layer that was built before is built again. */
const build = (layer: Layer.Layer<TokenStorage, unknown>) =>
  Effect.map(
    Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)),
    (context) => opened(Context.get(context, TokenStorage))
  )

export const makeFixture = Effect.fnUntraced(function* <Location>(underTest: StorageUnderTest<Location>) {
  const { capabilities } = underTest
  const isTestClock = underTest.clock === "test"
  const location = yield* underTest.makeLocation
  const open = Effect.suspend(() => build(underTest.open(location)))
  const fixture: StorageFixture = {
    capabilities,
    open,
    pair: capabilities.shared ? Effect.all([open, open]) : Effect.map(open, (storage): Pair => [storage, storage]),
    contents: underTest.contents?.(location) ?? Effect.succeed([]),
    disable: underTest.disable?.(location) ?? Effect.void,
    damage: underTest.damage?.(location) ?? Effect.void,
    pass: isTestClock ? TestClock.adjust : Effect.sleep,
    shortLease: underTest.shortLease ?? (isTestClock ? 1_000 : 250),
    expiryTolerance: underTest.expiryTolerance ?? (isTestClock ? 10 : 10_000)
  }
  return fixture
})
