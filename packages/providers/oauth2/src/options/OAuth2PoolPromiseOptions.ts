import type { TokenEvent } from "@tokenkeep/core"
import type {
  ClientSecretSource,
  Duration,
  OAuth2GrantOf,
  OAuth2OptionsOf,
  PrivateKeySource
} from "./OAuth2PromiseOptions.ts"

// The types in this file mention no type of Effect, so that a package without Effect can export them.

/**
 * An option that is the same for all clients of a pool, or a function of the client's id.
 *
 * @example
 * ```ts
 * import type { ById } from "@tokenkeep/oauth2"
 *
 * const baseUrl: ById<string> = (id) => `https://${id}.example.test`
 * console.log(typeof baseUrl) // => function
 * ```
 */
export type ById<Value> = Value | ((id: string) => Value)

type WithoutId<Grant> = Grant extends { readonly id?: unknown }
  ? Omit<Grant, "id"> & { readonly id?: string | undefined }
  : Grant

/** A grant of a pool's client: it has the client's id. */
type PoolGrantOf<Time, Secret> = WithoutId<OAuth2GrantOf<Time, Secret>>

/**
 * The grant of a pool's client. Its `id` is the client's id, and may be left out.
 *
 * @example
 * ```ts
 * import type { OAuth2PoolGrant } from "@tokenkeep/oauth2"
 *
 * const grant = (id: string): OAuth2PoolGrant => ({ type: "refresh_token", refreshToken: async () => `rt-${id}` })
 * console.log(grant("acme").type) // => refresh_token
 * ```
 */
export type OAuth2PoolGrant = PoolGrantOf<Duration, ClientSecretSource>

type Options<Time, Secret, Key> = OAuth2OptionsOf<Time, Secret, Key>

/** The options of a pool without its adapters, for one type of durations, of secret sources and of key sources. */
export interface OAuth2PoolOptionsOf<Time, Secret, Key> extends Omit<
  Options<Time, Secret, Key>,
  "baseUrl" | "issuer" | "tokenEndpoint" | "client" | "grant" | "resource" | "audience" | "parameters" | "onTokenEvent"
> {
  /** Where access tokens go, as for one client; here and below, a function gets the client's id and returns at once. */
  readonly baseUrl: ById<string | URL>
  readonly issuer?: ById<string | URL | undefined>
  readonly tokenEndpoint?: ById<string | URL | undefined>
  readonly client: ById<Options<Time, Secret, Key>["client"]>
  readonly grant: ById<PoolGrantOf<Time, Secret>>
  readonly resource?: ById<Options<Time, Secret, Key>["resource"]>
  readonly audience?: ById<string | undefined>
  readonly parameters?: ById<Options<Time, Secret, Key>["parameters"]>
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
 * import type { OAuth2PoolPromiseOptions } from "@tokenkeep/oauth2"
 *
 * const options: OAuth2PoolPromiseOptions = {
 *   baseUrl: (id) => `https://${id}.example.test`,
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: () => "s3cr3t-2f6c1d8e" },
 *   grant: (id) => ({ type: "refresh_token", refreshToken: async () => `rt-${id}` })
 * }
 * console.log(typeof options.grant) // => function
 * ```
 */
export interface OAuth2PoolPromiseOptions extends OAuth2PoolOptionsOf<Duration, ClientSecretSource, PrivateKeySource> {}
