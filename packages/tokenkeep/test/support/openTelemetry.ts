import { context, metrics, trace } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader
} from "@opentelemetry/sdk-metrics"
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace"
import { inspect } from "node:util"
import { onTestFinished } from "vitest"

/** Registers the SDK of OpenTelemetry until the test ends, and shows what it exports. */
export const openTelemetry = () => {
  const exportedSpans = new InMemorySpanExporter()
  const exportedMetrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: exportedMetrics })
  const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: exportedSpans })] })
  const meters = new MeterProvider({ readers: [reader] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(tracers)
  metrics.setGlobalMeterProvider(meters)
  onTestFinished(async () => {
    for (const api of [context, trace, metrics]) api.disable()
    await Promise.all([tracers.shutdown(), meters.shutdown()])
  })

  const spans = () => exportedSpans.getFinishedSpans()

  /** The metrics of the last export. */
  const lastMetrics = async () => {
    await meters.forceFlush()
    return (exportedMetrics.getMetrics().at(-1)?.scopeMetrics ?? []).flatMap((scope) => scope.metrics)
  }

  return {
    spans,
    named: (name: string) => spans().filter((span) => span.name === name),
    /** The number of spans by name. */
    counts: () => {
      const counts: Record<string, number> = {}
      for (const { name } of spans()) counts[name] = (counts[name] ?? 0) + 1
      return counts
    },
    metrics: lastMetrics,
    /** The value of each metric by its attributes; the value of a histogram is its count. */
    values: async (): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await lastMetrics()).flatMap(({ dataPoints, descriptor: { name } }) =>
          dataPoints.map(({ attributes, value }) => [
            [name, ...Object.values(attributes)].join(" "),
            typeof value === "number" ? value : value.count
          ])
        )
      ),
    /** All that was exported, as text. */
    text: async () => inspect([spans(), await lastMetrics()], { depth: 12, maxArrayLength: null })
  }
}
