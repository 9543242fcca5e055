import {
  context,
  type Context as OtelContext,
  type Meter,
  type MeterProvider,
  metrics as api,
  type Span,
  SpanStatusCode,
  trace
} from "@opentelemetry/api"
import { histogramBounds, isTokenkeepError, metrics, spans, Telemetry, type TelemetryService } from "@tokenkeep/core"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { telemetries, type Telemetry as Hidden } from "./Telemetry.ts"

/** The name of the instrumentation: what OpenTelemetry calls the scope. */
const scope = "tokenkeep"

/** The context of the span that an effect runs in. */
const SpanContext = Context.Reference<OtelContext | undefined>("tokenkeep/SpanContext", {
  defaultValue: () => undefined
})

/** A failure of a provider must not fail the request that it observes. */
const attempt = <A>(run: () => A): A | undefined => {
  try {
    return run()
  } catch {
    return undefined
  }
}

/** Ends a span. Only messages of our own errors are exported, because others may quote a secret. */
const end = (span: Span, exit: Exit.Exit<unknown, unknown>): void => {
  if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) {
    const error = Cause.squash(exit.cause)
    if (isTokenkeepError(error)) {
      span.setAttribute("error.type", error.code)
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
    } else span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}

/** Reports something. */
const observed = (run: () => void): Effect.Effect<void> => Effect.sync(() => attempt(run))

/** Makes a span's context the active one in each step, so that spans of HTTP libraries and log records belong to it. */
const activeIn = (active: OtelContext): Tracer.Tracer => ({
  span: (options) => Tracer.nativeTracer.span(options),
  context: (step, fiber) => context.with(active, () => step["~effect/Effect/evaluate"](fiber))
})

/** A renewal is for all callers that wait for it, so it is in the trace of none. A replay is in its caller's. */
const span: TelemetryService["span"] = (name, effect) =>
  SpanContext.use((parent) => {
    const root = parent === undefined && name !== "replay"
    const from = parent ?? context.active()
    const started = attempt(() => trace.getTracer(scope).startSpan(spans[name], { root }, from))
    if (started === undefined) return effect
    const active = trace.setSpan(from, started)
    return effect.pipe(
      Effect.provideService(SpanContext, active),
      Effect.provideService(Tracer.Tracer, activeIn(active)),
      Effect.onExit((exit) => observed(() => end(started, exit)))
    )
  })

// Without a unit: exporters for Prometheus would add it to the names.
const counterOf = (meter: Meter, name: string) => meter.createCounter(name)
const histogramOf = (meter: Meter, name: string) =>
  meter.createHistogram(name, { advice: { explicitBucketBoundaries: [...histogramBounds] } })

const instrumentsOf = (meter: Meter) => ({
  tokenRequests: counterOf(meter, metrics.tokenRequests),
  renewals: counterOf(meter, metrics.renewals),
  rejections: counterOf(meter, metrics.rejections),
  replays: counterOf(meter, metrics.replays),
  storageFailures: counterOf(meter, metrics.storageFailures),
  tokenRequestMillis: histogramOf(meter, metrics.tokenRequestMillis),
  leaseWaitMillis: histogramOf(meter, metrics.leaseWaitMillis)
})

/** The instruments of the provider that is registered now: it may have been registered after the first use. */
const currentInstruments = () => {
  let registered: MeterProvider | undefined
  let instruments: ReturnType<typeof instrumentsOf> | undefined
  return () => {
    const provider = api.getMeterProvider()
    if (instruments === undefined || provider !== registered) instruments = instrumentsOf(provider.getMeter(scope))
    registered = provider
    return instruments
  }
}

/**
 * Sends spans and metrics to the providers that are registered with `@opentelemetry/api`, such as those of
 * `@opentelemetry/sdk-node`. Needs the package `@opentelemetry/api`. Without a provider, it does nothing.
 *
 * @example
 * ```ts
 * import { createDeeply } from "tokenkeep"
 * import { OpenTelemetry } from "tokenkeep/opentelemetry"
 *
 * await using deeply = createDeeply({ apiKey: "sk-live-2f6c1d", telemetry: OpenTelemetry.layer() })
 * console.log(deeply.status().state) // => empty
 * ```
 */
export const OpenTelemetry = {
  layer: (): Hidden => {
    const instruments = currentInstruments()
    const layer = Layer.succeed(Telemetry, {
      span,
      count: (name, attributes) => observed(() => instruments()[name].add(1, attributes)),
      recordMillis: (name, millis) => observed(() => instruments()[name].record(millis))
    })
    return telemetries.hide(layer)
  }
}
