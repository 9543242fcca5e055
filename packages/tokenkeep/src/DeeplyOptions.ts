import type { EncryptionKey, Rates, TokenEvent } from "@tokenkeep/core"
import type { Host } from "@tokenkeep/deeply"
import type { Transport } from "./FetchTransport.ts"
import type { TokenStorage } from "./TokenStorage.ts"

/**
 * A time: milliseconds, or a number and its unit.
 *
 * @example
 * ```ts
 * import type { Duration } from "tokenkeep"
 *
 * const times: ReadonlyArray<Duration> = [1_500, "30 seconds", "1 hour"]
 * console.log(times.length) // => 3
 * ```
 */
export type Duration = number | `${number} ${"milli" | "second" | "minute" | "hour" | "day" | "week"}${"" | "s"}`

/**
 * Where an API key comes from: the key itself, or a function that is asked before every issue call, so that a changed key
 * is picked up without a restart; it may answer `undefined` when there is none.
 *
 * @example
 * ```ts
 * import type { ApiKeySource } from "tokenkeep"
 *
 * const fromVault: ApiKeySource = async () => "sk-live-2f6c1d"
 * console.log(typeof fromVault) // => function
 * ```
 */
export type ApiKeySource = string | (() => string | undefined | Promise<string | undefined>)

/**
 * When a token is renewed before it ends.
 *
 * @example
 * ```ts
 * import type { RenewalOptions } from "tokenkeep"
 *
 * const renewal: RenewalOptions = { window: "2 minutes", assumedLifetime: "1 hour" }
 * console.log(renewal.window) // => 2 minutes
 * ```
 */
export interface RenewalOptions {
  /** How long before its end a token is renewed; by default a fifth of its life. */
  readonly window?: Duration | undefined
  /** The longest window; 10 minutes by default. */
  readonly maxWindow?: Duration | undefined
  /** How far the window is moved at random, as a part of it between 0 and 1; 0.1 by default, the same for a process. */
  readonly jitter?: number | undefined
  /** How long a token is taken to live when nothing tells; not assumed by default. */
  readonly assumedLifetime?: Duration | undefined
}

/**
 * How an issue call is made.
 *
 * @example
 * ```ts
 * import type { IssueOptions } from "tokenkeep"
 *
 * const issue: IssueOptions = { deadline: "5 seconds", tries: 2 }
 * console.log(issue.tries) // => 2
 * ```
 */
export interface IssueOptions {
  /** Over everything: key source aside, all tries, their waits and bodies; 10 s by default. */
  readonly deadline?: Duration | undefined
  /** How often to try at most, on network faults and 5xx; 3 by default. */
  readonly tries?: number | undefined
  /** The largest answer read, in bytes; 64 KiB by default. */
  readonly maxBody?: number | undefined
}

/**
 * What a client can be told; nothing has to be.
 *
 * @example
 * ```ts
 * import { type CreateDeeplyOptions, edge } from "tokenkeep"
 *
 * const options: CreateDeeplyOptions = { host: edge("192.0.2.7"), issue: { deadline: "5 seconds" } }
 * console.log(Object.keys(options).join()) // => host,issue
 * ```
 */
export interface CreateDeeplyOptions {
  /**
   * A value or a function that is asked before every issue call, or two of them that overlap during a rotation; by
   * default the environment's `DEEPLY_API_KEY`.
   */
  readonly apiKey?: ApiKeySource | readonly [ApiKeySource, ApiKeySource] | undefined
  /** By default the environment's `DEEPLY_HOST`, else the cloud. */
  readonly host?: Host | string | URL | undefined
  /** The platform's fetch by default. */
  readonly transport?: Transport | undefined
  /** A memory of its own by default. Clients that are given the same object share it, hence its token. */
  readonly storage?: TokenStorage | undefined
  /** Used while the storage fails, such as a file for all processes of a host; this process's memory by default. */
  readonly fallbackStorage?: TokenStorage | undefined
  /** The longest time for one operation of the storage; 1 s by default, and twice that until it has worked once. */
  readonly storageTimeout?: Duration | undefined
  /** How long a storage that fails is tried again before the next best is used; 2 s by default. */
  readonly storageGrace?: Duration | undefined
  /**
   * What a storage that goes on failing means: go on without it (`"degrade"`, the default), or fail with
   * `STORAGE_FAILED`, `STORAGE_INSECURE` or `LEASE_TIMEOUT` when a new token is needed (`"require"`).
   */
  readonly storageFailure?: "degrade" | "require" | undefined
  /**
   * Seals what is stored (AES-256-GCM): at least 32 bytes, or a text of at least 32 characters. Of several keys the
   * first seals and all open, so that they can be rotated.
   */
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined
  /** When a token is renewed before it ends, so that nobody waits. */
  readonly renewal?: RenewalOptions | undefined
  readonly issue?: IssueOptions | undefined
  /** The longest wait for a limit, the issuer's or an endpoint's; 5 s by default. */
  readonly patience?: Duration | undefined
  /** Issue calls at once, and a second after that; 10 and 1 by default. Past it: `ISSUE_BUDGET_EXCEEDED`. */
  readonly budget?: { readonly burst?: number | undefined; readonly perSecond?: number | undefined } | undefined
  /** How long a rejected key is not tried again, doubling up to `max`; 30 s and 2 min by default. */
  readonly keyCooldown?: { readonly initial?: Duration | undefined; readonly max?: Duration | undefined } | undefined
  /** A redirect to another origin is followed without the token (`"strip"`, the default) or refused. */
  readonly redirects?: "strip" | "refuse" | undefined
  /** How much of a `Request`'s body is kept for a replay, in bytes; 1 MiB by default. */
  readonly replayBodyLimit?: number | undefined
  /**
   * How many requests each endpoint gets from `events` and `mics`: `true` for the API's own limits (the default), `false`
   * for no limit, or limits of your own. A 429 is honoured whatever this says.
   */
  readonly rateLimits?: boolean | Rates | undefined
  /** Hears of every issue, adoption, rejection and failure; it may throw safely and must not block. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined
}
