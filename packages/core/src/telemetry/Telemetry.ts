import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { effectTelemetry } from "./effectTelemetry.ts"
import type { spans } from "./names.ts"
import type { TelemetryService } from "./TelemetryService.ts"

/**
 * Where spans and metrics go: by default to the tracer and the metrics of Effect. A request with a cached token has none.
 *
 * @example
 * ```ts
 * import { Telemetry } from "@tokenkeep/core"
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * const counted: Array<string> = []
 * const telemetry = Layer.succeed(Telemetry, {
 *   span: (_, effect) => effect,
 *   count: (name) => Effect.sync(() => void counted.push(name)),
 *   recordMillis: () => Effect.void
 * })
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host, telemetry })
 * await deeply.token()
 * console.log(counted.join()) // => tokenRequests,renewals
 * ```
 */
export const Telemetry: Context.Reference<TelemetryService> = Context.Reference("@tokenkeep/core/Telemetry", {
  defaultValue: () => effectTelemetry
})

/** A function whose calls are spans of that name. */
export const traced =
  (name: keyof typeof spans) =>
  <Eff extends Effect.Effect<unknown, unknown, unknown>, A, Args extends Array<unknown>>(
    body: (...args: Args) => Generator<Eff, A, never>
  ) =>
  (...args: Args) =>
    Telemetry.use(({ span }) =>
      span(
        name,
        Effect.gen(() => body(...args))
      )
    )

export const count: TelemetryService["count"] = (...what) => Telemetry.use((to) => to.count(...what))

export const recordMillis: TelemetryService["recordMillis"] = (...what) =>
  Telemetry.use((to) => to.recordMillis(...what))
