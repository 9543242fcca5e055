import type { TokenEvent } from "@tokenkeep/core"
import type { DeeplyOptionsOf, Duration } from "./DeeplyPromiseOptions.ts"

// The types in this file mention no type of Effect, so that a package without Effect can export them.

/**
 * Returns the API key of a customer, or a promise of it. It is called before every token request, so a rotated key is
 * used without a restart.
 *
 * @example
 * ```ts
 * import type { ApiKeyOf } from "@tokenkeep/deeply"
 *
 * const fromVault: ApiKeyOf = async (id) => `sk-live-${id}`
 * console.log(await fromVault("acme")) // => sk-live-acme
 * ```
 */
export type ApiKeyOf = (id: string) => string | undefined | Promise<string | undefined>

/** The options of a pool without its adapters, for one type of durations and one of key sources. */
export interface DeeplyPoolOptionsOf<Time, Source> extends Omit<
  DeeplyOptionsOf<Time, never>,
  "apiKey" | "onTokenEvent"
> {
  /** Returns the API key of a customer; or two functions whose keys overlap during a rotation. */
  readonly apiKey: Source | readonly [Source, Source]
  /**
   * How many clients are open at once, default 1,000. If there are more, the one that was used least recently is closed
   * and opened again by its next call.
   */
  readonly maxOpen?: number | undefined
  /** Receives the events of all clients, each with the id of its client; it must not block. */
  readonly onTokenEvent?: ((event: TokenEvent, id: string) => void) | undefined
}

/**
 * The options of a pool that need no adapter.
 *
 * @example
 * ```ts
 * import { createDeeplyPool, type DeeplyPoolPromiseOptions } from "@tokenkeep/deeply"
 *
 * const options: DeeplyPoolPromiseOptions = { apiKey: async (id) => `sk-live-${id}`, maxOpen: 5_000 }
 * await using pool = createDeeplyPool(options)
 * console.log(pool.client("acme").host.name) // => cloud
 * ```
 */
export interface DeeplyPoolPromiseOptions extends DeeplyPoolOptionsOf<Duration, ApiKeyOf> {}
