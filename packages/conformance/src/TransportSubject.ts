import type { Transport } from "@tokenkeep/core"
import type * as Layer from "effect/Layer"
import { makeBench, type TransportBench } from "./internal/transport/bench.ts"
import type { Subject } from "./Law.ts"
import { transportLaws } from "./transportLaws.ts"

/**
 * What the laws have to know of a transport adapter.
 *
 * @example
 * ```ts
 * import type { TransportSubjectOptions } from "@tokenkeep/conformance/transport"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 *
 * const options: TransportSubjectOptions = { title: "FetchTransport", layer: FetchTransport.layer() }
 * console.log(options.title) // => FetchTransport
 * ```
 */
export interface TransportSubjectOptions {
  readonly title: string
  /** The adapter. Each law builds it anew, and releases it. */
  readonly layer: Layer.Layer<Transport, unknown>
  /** What it can do: laws that need more do not apply. Everything by default. */
  readonly capabilities?: TransportCapabilities | undefined
  /** How long one law may take, in milliseconds (60,000). */
  readonly deadline?: number | undefined
}

/**
 * What not every platform lets a transport do; each is `true` unless it is said to be `false`.
 *
 * @example
 * ```ts
 * import type { TransportCapabilities } from "@tokenkeep/conformance/transport"
 *
 * const inBrowsers: TransportCapabilities = { hops: false, uploads: false }
 * console.log(Object.keys(inBrowsers).join()) // => hops,uploads
 * ```
 */
export interface TransportCapabilities {
  /** Shows redirects instead of following them: `hops: "visible"`. */
  readonly hops?: boolean | undefined
  /** Sends a body while it is being made. */
  readonly uploads?: boolean | undefined
  /** Does just what the platform's fetch does, also with odd answers and odd calls. */
  readonly fetchLike?: boolean | undefined
}

/**
 * A transport adapter, to be checked against the laws of transports over real servers on this machine.
 *
 * @example
 * ```ts
 * import { checkLaw } from "@tokenkeep/conformance"
 * import { transportSubject } from "@tokenkeep/conformance/transport"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 * import * as Effect from "effect/Effect"
 *
 * const subject = transportSubject({ title: "FetchTransport", layer: FetchTransport.layer() })
 * const law = subject.laws.find(({ id }) => id === "statuses-are-not-tried-again")
 * if (law !== undefined) await Effect.runPromise(checkLaw(law, subject))
 * console.log("kept") // => kept
 * ```
 */
export const transportSubject = (options: TransportSubjectOptions): Subject<TransportBench> => {
  const { fetchLike = true, hops = true, uploads = true } = options.capabilities ?? {}
  const offers = Object.entries({ fetchLike, hops, uploads }).flatMap(([name, offered]) => (offered ? [name] : []))
  return {
    title: options.title,
    laws: transportLaws,
    offers: new Set(offers),
    bench: makeBench(options),
    clock: "live",
    deadline: options.deadline ?? 60_000
  }
}
