// What tokenkeep/opentelemetry needs of @opentelemetry/api, which differs between its versions. The SDKs accept few versions
// of it each, so the providers here are our own; packages/tokenkeep tests the real ones.
import { metrics, ROOT_CONTEXT, trace } from "@opentelemetry/api"
import { createDeeply } from "tokenkeep"
import { OpenTelemetry } from "tokenkeep/opentelemetry"
import { startFakeDeeply } from "tokenkeep/testing"
import { outcomeOf, same } from "./checks.js"

const byText = new Intl.Collator("en").compare

/** Records the names of the spans that ended, each with its parent's. */
const recordSpans = (ended) => ({
  getTracer: () => ({
    startSpan: (name, { root }, context = ROOT_CONTEXT) => {
      const parent = root ? undefined : trace.getSpan(context)?.name
      const span = {
        name,
        setAttribute: () => span,
        setStatus: () => span,
        spanContext: () => ({ traceId: "1".repeat(32), spanId: "1".repeat(16), traceFlags: 1 }),
        end: () => ended.push(`${parent ?? "none"} > ${name}`)
      }
      return span
    }
  })
})

/** Records each value with its metric's name and its attributes. */
const recordValues = (values) => {
  const instrument = (name) => {
    const add = (value, attributes = {}) =>
      values.push([name, ...Object.values(attributes), ...(name.endsWith("_millis") ? [] : [value])].join(" "))
    return { add, record: add }
  }
  return { getMeter: () => ({ createCounter: instrument, createHistogram: instrument }) }
}

const renewsOnce = async () => {
  const ended = []
  const values = []
  trace.setGlobalTracerProvider(recordSpans(ended))
  metrics.setGlobalMeterProvider(recordValues(values))
  const server = await startFakeDeeply()
  const deeply = createDeeply({ apiKey: server.apiKey, host: server.host, telemetry: OpenTelemetry.layer() })
  await deeply.token()
  server.expireTokens()
  ended.length = 0
  values.length = 0
  await deeply.fetch("/api/v1/mics")
  await deeply.dispose()
  await server.close()
  same(ended.toSorted(byText), [
    "none > tokenkeep.renew",
    "none > tokenkeep.replay",
    "tokenkeep.renew > tokenkeep.storage.load",
    "tokenkeep.renew > tokenkeep.storage.load",
    "tokenkeep.renew > tokenkeep.storage.save",
    "tokenkeep.renew > tokenkeep.token_request",
    "tokenkeep.token_request > tokenkeep.storage.save"
  ])
  same(values.toSorted(byText), [
    "tokenkeep_rejections expired 1",
    "tokenkeep_renewals rejected issued 1",
    "tokenkeep_replays 1",
    "tokenkeep_token_request_millis",
    "tokenkeep_token_requests 1"
  ])
}

export const opentelemetry = async () => [
  await outcomeOf("OBS-3: a renewal's spans and metrics go to the registered providers", renewsOnce)
]
