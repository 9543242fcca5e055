import type { StorageCapabilities, TokenStorage } from "@tokenkeep/core"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/**
 * A storage adapter, and how the contract tests open it.
 *
 * @example
 * ```ts
 * import type { StorageUnderTest } from "@tokenkeep/conformance"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 *
 * const underTest: StorageUnderTest<ReturnType<typeof MemoryStorage.layer>> = {
 *   name: "MemoryStorage",
 *   capabilities: { durable: false, shared: false, acquireLease: true, watch: true, exclusive: true },
 *   makeLocation: Effect.sync(() => MemoryStorage.layer()),
 *   open: (layer) => layer
 * }
 * console.log(underTest.name) // => MemoryStorage
 * ```
 */
export interface StorageUnderTest<Location> {
  readonly name: string
  /** What the adapter claims to do: a test that requires more does not apply. */
  readonly capabilities: StorageCapabilities
  /** Makes an empty location (a directory, a key prefix) for one test; it is cleaned up with the scope. */
  readonly makeLocation: Effect.Effect<Location, unknown, Scope.Scope>
  /** Opens a location. Each layer stands for one process; layers of one location share it if the adapter is `shared`. */
  readonly open: (location: Location) => Layer.Layer<TokenStorage, unknown>
  /** Lists what is in a location (its files, its keys), so that leftovers are seen. */
  readonly contents?: ((location: Location) => Effect.Effect<ReadonlyArray<string>, unknown>) | undefined
  /** Makes a location unusable until the scope ends, so that the adapter's failures are seen. */
  readonly disable?: ((location: Location) => Effect.Effect<void, unknown, Scope.Scope>) | undefined
  /** Damages every exclusive record in a location, so that it cannot be read: an adapter must not take it for absent. */
  readonly damage?: ((location: Location) => Effect.Effect<void, unknown>) | undefined
  /**
   * `live` (the default): time passes by itself. `test`: the tests move effect's TestClock, for adapters that wait for
   * nothing outside the process.
   */
  readonly clock?: "live" | "test" | undefined
  /** The length of the leases that a test lets expire, in milliseconds (250; 1,000 on the test clock). */
  readonly shortLease?: number | undefined
  /** How many milliseconds late a lease may expire (10,000; 10 on the test clock). */
  readonly expiryTolerance?: number | undefined
  /** When a test that is still running has failed, in milliseconds (300,000). */
  readonly timeout?: number | undefined
}
