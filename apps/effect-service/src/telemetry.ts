import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Otlp from "effect/observability/Otlp"
import * as Option from "effect/Option"

/** Sends spans, metrics and logs to OTEL_EXPORTER_OTLP_ENDPOINT. Without that variable, nothing is sent. */
export const telemetry = Layer.unwrap(
  Effect.gen(function* () {
    const endpoint = yield* Config.option(Config.URL("OTEL_EXPORTER_OTLP_ENDPOINT"))
    if (Option.isNone(endpoint)) return Layer.empty
    return Otlp.layerJson({ baseUrl: endpoint.value.href, resource: { serviceName: "effect-service" } }).pipe(
      Layer.provide(FetchHttpClient.layer)
    )
  })
)
