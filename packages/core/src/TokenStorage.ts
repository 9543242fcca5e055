import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"

/**
 * Opaque text under a name, with the fence it was saved with.
 *
 * @example
 * ```ts
 * import type { StoredText } from "@tokenkeep/core"
 *
 * const stored: StoredText = { text: "opaque", fence: 1 }
 * console.log(stored.fence) // => 1
 * ```
 */
export interface StoredText {
  readonly text: string
  /** Grows with every save: a late writer, whose fence is not higher, is refused. */
  readonly fence: number
}

/**
 * A storage operation that failed; core degrades to memory and says so in an event (STO-2).
 *
 * @example
 * ```ts
 * import { StorageFailure } from "@tokenkeep/core"
 *
 * console.log(new StorageFailure({ operation: "load", detail: "disk full" }).operation) // => load
 * ```
 */
export class StorageFailure extends Data.TaggedError("StorageFailure")<{
  readonly operation: "load" | "save" | "remove"
  /** What happened, without secrets. */
  readonly detail: string
}> {}

/**
 * What an adapter can do: data that core and the tests read.
 *
 * @example
 * ```ts
 * import type { StorageCapabilities } from "@tokenkeep/core"
 *
 * const capabilities: StorageCapabilities = { durable: false, shared: false }
 * console.log(capabilities.durable) // => false
 * ```
 */
export interface StorageCapabilities {
  /** What is saved outlives the process. */
  readonly durable: boolean
  /** Other processes see what is saved. */
  readonly shared: boolean
}

/**
 * PORT: where a token is kept. An adapter stores opaque text by name: it never decodes, seals or decides when to renew.
 *
 * @example
 * ```ts
 * import { TokenStorage, type StoredText } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const records = new Map<string, StoredText>()
 * const storage = TokenStorage.of({
 *   capabilities: { durable: false, shared: false },
 *   load: (name) => Effect.sync(() => records.get(name)),
 *   save: (name, stored) => Effect.sync(() => records.set(name, stored).size > 0),
 *   remove: (name) => Effect.sync(() => void records.delete(name))
 * })
 * await Effect.runPromise(storage.save("name", { text: "opaque", fence: 1 }))
 * console.log(records.get("name")?.text) // => opaque
 * ```
 */
export class TokenStorage extends Context.Service<
  TokenStorage,
  {
    readonly capabilities: StorageCapabilities
    readonly load: (name: string) => Effect.Effect<StoredText | undefined, StorageFailure>
    /** Saves unless a record with the same or a higher fence is there; answers whether it saved. */
    readonly save: (name: string, stored: StoredText) => Effect.Effect<boolean, StorageFailure>
    readonly remove: (name: string) => Effect.Effect<void, StorageFailure>
  }
>()("@tokenkeep/core/TokenStorage") {}
