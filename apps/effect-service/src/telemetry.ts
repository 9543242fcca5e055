import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Otlp from "effect/observability/Otlp"
import * as Option from "effect/Option"

/** Spans, metrics and logs to a collector, by the name that OpenTelemetry has for it; to nowhere without one. */
export const telemetry = Layer.unwrap(
  Effect.gen(function* () {
    const endpoint = yield* Config.option(Config.URL("OTEL_EXPORTER_OTLP_ENDPOINT"))
    if (Option.isNone(endpoint)) return Layer.empty
    return Otlp.layerJson({ baseUrl: endpoint.value.href, resource: { serviceName: "effect-service" } }).pipe(
      Layer.provide(FetchHttpClient.layer)
    )
  })
)
