import type {
  ApiClientOptionsOf,
  AuthorizedClientOptions,
  RenewalOptionsOf,
  TokenManagerOptionsOf,
  TokenRequestOptionsOf
} from "@tokenkeep/core"
import type { Host } from "../Host.ts"

// The types in this file mention no type of Effect, so that a package without Effect can export them.

/**
 * A period of time: a number of milliseconds, or a string with a number and a unit: millis, seconds,
 * minutes, hours, days or weeks.
 *
 * @example
 * ```ts
 * import type { Duration } from "@tokenkeep/deeply"
 *
 * const durations: ReadonlyArray<Duration> = [1_500, "30 seconds", "1 hour"]
 * console.log(durations.length) // => 3
 * ```
 */
export type Duration = number | `${number} ${"milli" | "second" | "minute" | "hour" | "day" | "week"}${"" | "s"}`

/**
 * The source of an API key: the key itself, or a function that returns it.
 *
 * The function is called before every token request, so a rotated key is used without a restart. It may return
 * `undefined` if there is no key.
 *
 * @example
 * ```ts
 * import type { ApiKeySource } from "@tokenkeep/deeply"
 *
 * const fromVault: ApiKeySource = async () => "sk-live-2f6c1d"
 * console.log(typeof fromVault) // => function
 * ```
 */
export type ApiKeySource = string | (() => string | undefined | Promise<string | undefined>)

/**
 * When a token is renewed in the background, before it expires.
 *
 * @example
 * ```ts
 * import type { RenewalOptions } from "@tokenkeep/deeply"
 *
 * const renewal: RenewalOptions = { window: "2 minutes", assumedLifetime: "1 hour" }
 * console.log(renewal.window) // => 2 minutes
 * ```
 */
export type RenewalOptions = RenewalOptionsOf<Duration>

/**
 * How a token request is sent.
 *
 * @example
 * ```ts
 * import type { TokenRequestOptions } from "@tokenkeep/deeply"
 *
 * const tokenRequest: TokenRequestOptions = { deadline: "5 seconds", tries: 2 }
 * console.log(tokenRequest.tries) // => 2
 * ```
 */
export type TokenRequestOptions = TokenRequestOptionsOf<Duration>

/** The options of a client without its adapters, for one type of durations and one of key sources. */
export interface DeeplyOptionsOf<Time, Source>
  extends TokenManagerOptionsOf<Time>, AuthorizedClientOptions, ApiClientOptionsOf<Time> {
  /**
   * An API key or its source, which is read before every token request, or two of them that overlap during a rotation;
   * default the environment variable `DEEPLY_API_KEY`.
   */
  readonly apiKey?: Source | readonly [Source, Source] | undefined
  /**
   * Where the API is: {@link cloud}, {@link edge}, an https URL, `"cloud"` or `"edge:ADDRESS[:PORT]"`; default the
   * environment variable `DEEPLY_HOST`, else the cloud.
   */
  readonly host?: Host | string | URL | undefined
}

/**
 * The options of a client that need no adapter. Each is optional.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyPromiseOptions, edge } from "@tokenkeep/deeply"
 *
 * const options: DeeplyPromiseOptions = { apiKey: () => "sk-live-2f6c1d", host: edge("192.0.2.7"), maxWait: "2 seconds" }
 * await using deeply = createDeeply(options)
 * console.log(deeply.baseUrl) // => http://192.0.2.7:8100/
 * ```
 */
export interface DeeplyPromiseOptions extends DeeplyOptionsOf<Duration, ApiKeySource> {}
