import type { Held, Lease, LeaseRequest, StorageCapabilities, StorageFailure, TokenStorage } from "@tokenkeep/core"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LawBroken } from "./Law.ts"

type Service = TokenStorage["Service"]

/**
 * An opened storage, whose optional operations are there or break the law.
 *
 * @example
 * ```ts
 * import type { OpenStorage } from "@tokenkeep/conformance"
 * import * as Effect from "effect/Effect"
 *
 * const fenceOf = (storage: OpenStorage, name: string) =>
 *   Effect.map(storage.exclusive(name, { owner: "owner", millis: 1_000 }), ({ fence }) => fence)
 * console.log(typeof fenceOf) // => function
 * ```
 */
export interface OpenStorage {
  /** The adapter's service as it is. */
  readonly service: Service
  readonly load: Service["load"]
  readonly save: Service["save"]
  readonly remove: Service["remove"]
  readonly exclusive: (name: string, request: LeaseRequest) => Effect.Effect<Lease | Held, StorageFailure | LawBroken>
  readonly watch: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure | LawBroken, Scope.Scope>
}

/**
 * What a law of storages is checked on: a place of its own.
 *
 * @example
 * ```ts
 * import type { Law, StorageBench } from "@tokenkeep/conformance"
 * import * as Effect from "effect/Effect"
 *
 * const opens: Law<StorageBench> = {
 *   id: "opens",
 *   guarantees: [],
 *   statement: "It can be opened.",
 *   needs: [],
 *   check: ({ open }) => Effect.asVoid(open)
 * }
 * console.log(opens.id) // => opens
 * ```
 */
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
