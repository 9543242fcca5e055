import { metrics as names } from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { Activity } from "../activity.ts"

const requests = Metric.counter("tokenkeep_sidecar_requests", {
  description: "Requests to the sidecar: served, failed, aborted by the caller, or refused",
  incremental: true
})

/** What scrapers show. The client has no descriptions: each would be a part of every application. */
const help: ReadonlyMap<string, string> = new Map([
  [names.tokenRequests, "Token requests, each try counted"],
  [names.tokenRequestMillis, "Milliseconds from the token request to the token"],
  [names.renewals, "Renewals: issued, adopted, or an error's code"],
  [names.rejections, "Rejected tokens: expired, invalid, unknown"],
  [names.replays, "Requests that were repeated after a 401"],
  [names.leaseWaitMillis, "Milliseconds that a renewal waited for another client's"],
  [names.storageFailures, "How often the storage began to fail"]
])

const withHelp = (text: string): string =>
  text.replaceAll(/^# TYPE (\S+)/gm, (type, name: string) =>
    help.has(name) ? `# HELP ${name} ${help.get(name)}\n${type}` : type
  )

/** How many token requests this process has sent. */
export const tokenRequestCount = (): number =>
  Metric.snapshotUnsafe(Context.empty()).reduce(
    (sum, metric) =>
      metric.id === names.tokenRequests && metric.type === "Counter" ? sum + Number(metric.state.count) : sum,
    0
  )

/** Adds what has happened since the last call. Counting each request in a metric would cost it time. */
export const makeMetrics = (activity: Activity) => {
  const reported = { served: 0, failed: 0, aborted: 0, refused: 0 }
  const report = Effect.forEach(Object.keys(reported) as Array<keyof typeof reported>, (outcome) => {
    const more = activity[outcome] - reported[outcome]
    reported[outcome] = activity[outcome]
    return Metric.update(Metric.withAttributes(requests, { outcome }), more)
  })
  /** The metrics in the text format of Prometheus. */
  return async (): Promise<string> => {
    const { format } = await import("effect/observability/PrometheusMetrics")
    return withHelp(await Effect.runPromise(Effect.andThen(report, format())))
  }
}
