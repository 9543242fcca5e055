import { opaque } from "./internal/opaque.ts"

declare const kind: unique symbol

/**
 * Where spans and metrics go. `tokenkeep/opentelemetry` makes one.
 *
 * @example
 * ```ts
 * import { createDeeply, type Telemetry } from "tokenkeep"
 * import { OpenTelemetry } from "tokenkeep/opentelemetry"
 *
 * const telemetry: Telemetry = OpenTelemetry.layer()
 * await using deeply = createDeeply({ apiKey: "sk-live-2f6c1d", telemetry })
 * console.log(deeply.status().state) // => empty
 * ```
 */
export interface Telemetry {
  readonly [kind]: "Telemetry"
}

/** The telemetry that this package made. */
export const telemetries = opaque<never, Telemetry>(
  "telemetry",
  "Pass OpenTelemetry.layer() of tokenkeep/opentelemetry."
)
