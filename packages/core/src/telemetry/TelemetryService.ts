import type * as Effect from "effect/Effect"
import type { metrics, spans } from "./names.ts"

type Histogram = "tokenRequestMillis" | "leaseWaitMillis"

/**
 * Receives the spans and metrics of a client.
 *
 * @example
 * ```ts
 * import type { TelemetryService } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const silent: TelemetryService = {
 *   span: (_, effect) => effect,
 *   count: () => Effect.void,
 *   recordMillis: () => Effect.void
 * }
 * console.log(Object.keys(silent).join()) // => span,count,recordMillis
 * ```
 */
export interface TelemetryService {
  /** The effect as a span, which ends with it. The name is that of `spans[name]`. */
  readonly span: <A, E, R>(name: keyof typeof spans, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Adds one to the counter `metrics[name]`. */
  readonly count: (
    name: Exclude<keyof typeof metrics, Histogram>,
    attributes?: Readonly<Record<string, string>>
  ) => Effect.Effect<void>
  /** Adds a time to the histogram `metrics[name]`. */
  readonly recordMillis: (name: Histogram, millis: number) => Effect.Effect<void>
}
