import type { TokenKeep } from "@tokenkeep/core"
import type { Dispatcher } from "undici"
import type { ClientOptions } from "../clients/openClient.ts"
import type { Health } from "./endpoints/health.ts"

/** What the sidecar needs in its client: a transport that leaves bodies as they are, and the events of the token. */
export type SidecarAdapters = Required<Pick<ClientOptions, "onTokenEvent" | "transport">>

/** How the sidecar serves. */
export interface SidecarOptions {
  /** Opens the client with these adapters. The sidecar disposes it. */
  readonly connect: (adapters: SidecarAdapters) => TokenKeep | Promise<TokenKeep>
  /** What the console calls the client, such as the name of the profile; default `"default"`. */
  readonly name?: string | undefined
  /** `HOST:PORT` or the path of a Unix socket; default `"127.0.0.1:8787"`. Port 0 is a free port. */
  readonly listen?: string | undefined
  /** Whether `listen` may be an address that other machines reach; default `false`. It needs a `secret`. */
  readonly listenAnywhere?: boolean | undefined
  /** What callers must send as `Authorization: Bearer SECRET`, at least 16 characters; default nothing. */
  readonly secret?: string | undefined
  /** Names besides those of this machine by which callers may call the sidecar, without a port. */
  readonly hosts?: ReadonlyArray<string> | undefined
  /** The requests that are forwarded, such as `"GET /api/v1/*"`; default all. */
  readonly allow?: ReadonlyArray<string> | undefined
  /** Whether `/-/token` returns the token; default `false`. */
  readonly allowToken?: boolean | undefined
  /** How much of a request's body is kept for a replay after a 401, in bytes; default 1 MiB. */
  readonly replayBodyLimit?: number | undefined
  /** How much of all bodies together is kept for replays, in bytes; default 64 MiB. */
  readonly replayBodyTotal?: number | undefined
  /** How long the API may be silent, before and in a response, in milliseconds; default 300,000. */
  readonly upstreamTimeout?: number | undefined
  /**
   * How long a connection of a caller may be open while nothing moves on it, in milliseconds; default `upstreamTimeout` and
   * 30 s. A caller that does not read ends there.
   */
  readonly idleTimeout?: number | undefined
  /** Sends the requests, such as a `ProxyAgent`; you close it. Default an `Agent` of the sidecar's own. */
  readonly dispatcher?: Dispatcher | undefined
}

/** A running sidecar. */
export interface Sidecar extends AsyncDisposable {
  /**
   * The URL for callers: `http://127.0.0.1:8787` or `unix:/run/tokenkeep.sock`. If the sidecar listens on all addresses, the
   * host is the first of `hosts`, else 127.0.0.1.
   */
  readonly url: string
  /**
   * Accepts no more connections, waits until the requests in flight have ended, but not longer than `grace` milliseconds
   * (default 10,000), and disposes the client. Resolves to the number of requests that were cut off.
   */
  readonly close: (options?: { readonly grace?: number | undefined }) => Promise<number>
  /** Whether there is a token, or one can be obtained, and why not. Never rejects. */
  readonly health: () => Promise<Health>
}
