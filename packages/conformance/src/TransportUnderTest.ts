import type { Transport } from "@tokenkeep/core"
import type * as Layer from "effect/Layer"

/**
 * What some platforms do not let a transport do; each is `true` unless set to `false`.
 *
 * @example
 * ```ts
 * import type { TransportCapabilities } from "@tokenkeep/conformance/transport"
 *
 * const inBrowsers: TransportCapabilities = { redirects: false, uploads: false }
 * console.log(Object.keys(inBrowsers).join()) // => redirects,uploads
 * ```
 */
export interface TransportCapabilities {
  /** Returns redirects instead of following them: `redirects: "visible"`. */
  readonly redirects?: boolean | undefined
  /** Sends a body while it is produced. */
  readonly uploads?: boolean | undefined
  /** Behaves like the platform's fetch also for unusual requests and responses. */
  readonly fetchLike?: boolean | undefined
}

/**
 * A transport adapter, and what it can do.
 *
 * @example
 * ```ts
 * import type { TransportUnderTest } from "@tokenkeep/conformance/transport"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 *
 * const underTest: TransportUnderTest = { name: "FetchTransport", layer: FetchTransport.layer() }
 * console.log(underTest.name) // => FetchTransport
 * ```
 */
export interface TransportUnderTest {
  readonly name: string
  /** The adapter. Each test builds it, and releases it. */
  readonly layer: Layer.Layer<Transport, unknown>
  /** What it can do, everything by default: a test that requires more does not apply. */
  readonly capabilities?: TransportCapabilities | undefined
  /** When a test that is still running has failed, in milliseconds (300,000). */
  readonly timeout?: number | undefined
}
