import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { histogramBounds, metrics, spans } from "./names.ts"
import type { TelemetryService } from "./TelemetryService.ts"

const counterOf = (name: string) => Metric.counter(name, { incremental: true })
const histogramOf = (name: string) =>
  Metric.histogram(name, { boundaries: Metric.boundariesFromIterable(histogramBounds) })

const counters = {
  tokenRequests: counterOf(metrics.tokenRequests),
  renewals: counterOf(metrics.renewals),
  rejections: counterOf(metrics.rejections),
  replays: counterOf(metrics.replays),
  storageFailures: counterOf(metrics.storageFailures)
}

const histograms = {
  tokenRequestMillis: histogramOf(metrics.tokenRequestMillis),
  leaseWaitMillis: histogramOf(metrics.leaseWaitMillis)
}

/** Spans and metrics of Effect. `Effect.fn` would keep a stack trace for each function, of each client. */
export const effectTelemetry: TelemetryService = {
  span: (name, effect) => Effect.withSpan(effect, spans[name]),
  count: (name, attributes = {}) => Metric.update(Metric.withAttributes(counters[name], attributes), 1),
  recordMillis: (name, millis) => Metric.update(histograms[name], millis)
}
