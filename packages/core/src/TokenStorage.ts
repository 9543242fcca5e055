import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

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
  /** Well-formed Unicode: a surrogate without its partner need not come back as it was. */
  readonly text: string
  /** A safe integer that grows from writer to writer: a late writer, whose fence is lower, is refused. */
  readonly fence: number
}

/**
 * A storage operation that failed; core degrades and says so in an event (STO-2), or fails with `STORAGE_FAILED` or
 * `STORAGE_INSECURE` where the user asked for that.
 *
 * @example
 * ```ts
 * import { StorageFailure } from "@tokenkeep/core"
 *
 * console.log(new StorageFailure({ operation: "load", detail: "disk full" }).operation) // => load
 * ```
 */
export class StorageFailure extends Data.TaggedError("StorageFailure")<{
  readonly operation: "load" | "save" | "remove" | "exclusive" | "release" | "watch"
  /** What happened, in a few words and without secrets; never the foreign error itself. */
  readonly detail: string
  /** Others may read or write what is stored: a fault for an operator, not for time to heal. */
  readonly insecure?: boolean
}> {}

/**
 * What an adapter can do: data that core and the conformance suite read.
 *
 * @example
 * ```ts
 * import type { StorageCapabilities } from "@tokenkeep/core"
 *
 * const capabilities: StorageCapabilities = { durable: false, shared: false, exclusive: false, watch: false }
 * console.log(capabilities.durable) // => false
 * ```
 */
export interface StorageCapabilities {
  /** What is saved outlives the process. */
  readonly durable: boolean
  /** Other processes see what is saved. */
  readonly shared: boolean
  /** It elects one of those who ask: `exclusive` is there. */
  readonly exclusive: boolean
  /** It tells of changes: `watch` is there. */
  readonly watch: boolean
}

/**
 * Who asks for a lease, and for how long.
 *
 * @example
 * ```ts
 * import type { LeaseRequest } from "@tokenkeep/core"
 *
 * const request: LeaseRequest = { owner: "7f3a9c", millis: 12_000 }
 * console.log(request.millis) // => 12000
 * ```
 */
export interface LeaseRequest {
  /** A random name of whoever asks. The owner of a lease gets it again, with a higher fence and its full time. */
  readonly owner: string
  /** After so many milliseconds it ends by itself, whatever becomes of its owner. */
  readonly millis: number
}

/**
 * A lease: until it ends, is released or is taken over after its owner's death, nobody else gets one for this name.
 *
 * @example
 * ```ts
 * import type { Lease } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const lease: Lease = { _tag: "Lease", fence: 1, release: Effect.void }
 * console.log(lease.fence) // => 1
 * ```
 */
export interface Lease {
  readonly _tag: "Lease"
  /** A safe integer, higher than every fence that was granted under this name before, and than its record's. */
  readonly fence: number
  /**
   * Gives it back, and wakes whoever watches. It does nothing once the lease is another's, nor once its owner got it
   * anew: the fence tells which lease is meant.
   */
  readonly release: Effect.Effect<void, StorageFailure>
}

/**
 * Somebody else has the lease.
 *
 * @example
 * ```ts
 * import type { Held } from "@tokenkeep/core"
 *
 * const held: Held = { _tag: "Held", owner: "7f3a9c", fence: 1, left: 9_500 }
 * console.log(held.left) // => 9500
 * ```
 */
export interface Held {
  readonly _tag: "Held"
  /** Its owner, for an operator: the name it asked with, and whatever else helps to find it. */
  readonly owner: string
  /** The fence it was granted with. */
  readonly fence: number
  /** Milliseconds until it ends by itself, at most. */
  readonly left: number
}

/**
 * PORT: where a token is kept. An adapter stores opaque text by name: it never decodes, seals or decides when to renew.
 *
 * A name is well-formed text of 1 to 200 characters, told apart to the last one and by case; core's are made of a to z,
 * 0 to 9 and hyphens. An operation does nothing until it is run, and may be run again. One that is interrupted stops or
 * finishes soon; one that fails does so with a {@link StorageFailure}, whatever it was given.
 *
 * @example
 * ```ts
 * import { TokenStorage, type StoredText } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const records = new Map<string, StoredText>()
 * const storage = TokenStorage.of({
 *   capabilities: { durable: false, shared: false, exclusive: false, watch: false },
 *   load: (name) => Effect.sync(() => records.get(name)),
 *   save: (name, stored) =>
 *     Effect.sync(() => {
 *       if (stored.fence < (records.get(name)?.fence ?? stored.fence)) return false
 *       records.set(name, stored)
 *       return true
 *     }),
 *   remove: (name) => Effect.sync(() => void records.delete(name))
 * })
 * await Effect.runPromise(storage.save("name", { text: "opaque", fence: 2 }))
 * console.log(await Effect.runPromise(storage.save("name", { text: "late", fence: 1 }))) // => false
 * ```
 */
export class TokenStorage extends Context.Service<
  TokenStorage,
  {
    readonly capabilities: StorageCapabilities
    readonly load: (name: string) => Effect.Effect<StoredText | undefined, StorageFailure>
    /**
     * Saves, and wakes whoever watches, unless the record has a higher fence or a lease with a higher one was granted
     * before, even if that is over (which is remembered for an hour at least); answers whether it saved.
     */
    readonly save: (name: string, stored: StoredText) => Effect.Effect<boolean, StorageFailure>
    /** Forgets the record, if there is one. The lease, and the fences that were granted, stay as they are. */
    readonly remove: (name: string) => Effect.Effect<void, StorageFailure>
    /**
     * Asks once for the lease of a name, without waiting for it. An owner whose death can be seen holds nothing up. When
     * the asking is interrupted, no lease is left behind that its owner does not know of.
     */
    readonly exclusive?: (name: string, request: LeaseRequest) => Effect.Effect<Lease | Held, StorageFailure>
    /**
     * Watches a name for as long as the scope is open. The effect it gives ends with the next save or release after the
     * one it ended with last; it may end for no reason, and may miss one: whoever waits looks from time to time as well.
     * When the scope is closed, whoever still waits is let go.
     */
    readonly watch?: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure, Scope.Scope>
  }
>()("@tokenkeep/core/TokenStorage") {}
