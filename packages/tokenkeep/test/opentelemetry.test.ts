import {
  type MeterProvider,
  metrics as metricsApi,
  SpanStatusCode,
  trace,
  type TracerProvider
} from "@opentelemetry/api"
import { histogramBounds, metrics, spans } from "@tokenkeep/core"
import { writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createDeeply, createDeeplyPool, FetchTransport, MemoryStorage } from "tokenkeep"
import { FileStorage } from "tokenkeep/file"
import { OpenTelemetry } from "tokenkeep/opentelemetry"
import { describe, expect, it, onTestFinished } from "vitest"
import { clientOf, fakeServer, rejectionOf } from "./support/clients.ts"
import { openTelemetry } from "./support/openTelemetry.ts"

const path = "/api/v1/mics"
const telemetry = OpenTelemetry.layer()

/** The loads before and under the lease; the saves before and after the token request. */
const renewal = { [spans.renew]: 1, [spans.tokenRequest]: 1, [spans.load]: 2, [spans.save]: 2 }

const times = (by: number) => Object.fromEntries(Object.entries(renewal).map(([name, count]) => [name, count * by]))

describe("OBS-3: OpenTelemetry", () => {
  it("OBS-3, SEC-1: gets the spans and metrics of a renewal, a replay and a rejected key, and none of a cached token", async () => {
    const exported = openTelemetry()
    const server = await fakeServer()
    const deeply = clientOf(server, { telemetry })
    for (let i = 0; i < 20; i += 1) expect((await deeply.fetch(path)).status).toBe(200)
    const first = await deeply.token()
    server.expireTokens()
    expect((await deeply.fetch(path)).status).toBe(200)
    const second = await deeply.token()
    server.revokeTokens()
    server.revokeKey()
    expect(await rejectionOf(deeply.fetch(path))).toMatchObject({ code: "API_KEY_REJECTED" })

    expect(exported.counts()).toEqual({ ...times(3), [spans.replay]: 2 })
    const failed = exported.spans().filter(({ status }) => status.code === SpanStatusCode.ERROR)
    expect(failed.map(({ attributes, name }) => [name, attributes["error.type"]])).toEqual([
      [spans.tokenRequest, "API_KEY_REJECTED"],
      [spans.renew, "API_KEY_REJECTED"],
      [spans.replay, "API_KEY_REJECTED"]
    ])
    expect(await exported.values()).toEqual({
      [metrics.tokenRequests]: 3,
      [metrics.tokenRequestMillis]: 2,
      [`${metrics.renewals} first issued`]: 1,
      [`${metrics.renewals} rejected issued`]: 1,
      [`${metrics.renewals} rejected API_KEY_REJECTED`]: 1,
      [`${metrics.rejections} expired`]: 1,
      [`${metrics.rejections} invalid`]: 1,
      [metrics.replays]: 1
    })
    const text = await exported.text()
    for (const secret of [server.apiKey, first.reveal(), second.reveal()]) expect(text).not.toContain(secret)
  })

  it("OBS-3: a replay is in its caller's trace, and the renewal that all callers wait for is in none", async () => {
    const exported = openTelemetry()
    const server = await fakeServer({ tokenRequestLatency: 20 })
    const deeply = clientOf(server, { telemetry })
    await deeply.token()
    server.expireTokens()
    const callers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        trace.getTracer("app").startActiveSpan(`request ${n}`, async (caller) => {
          expect((await deeply.fetch(path)).status).toBe(200)
          caller.end()
          return caller.spanContext().spanId
        })
      )
    )
    const parents = exported.named(spans.replay).map(({ parentSpanContext }) => parentSpanContext?.spanId)
    expect(parents).toHaveLength(callers.length)
    expect(new Set(parents)).toEqual(new Set(callers))
    const renewals = exported.named(spans.renew)
    expect(renewals.map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined])
    const traces = new Set(renewals.map((span) => span.spanContext().traceId))
    const others = exported.spans().filter((span) => !traces.has(span.spanContext().traceId))
    expect(new Set(others.map(({ name }) => name.replace(/\d+/, "N")))).toEqual(new Set(["request N", spans.replay]))
  })

  it("OBS-3: what sends a request finds the span that it belongs to, as instrumentation of HTTP libraries does", async () => {
    openTelemetry()
    const server = await fakeServer()
    const seen: Array<string | undefined> = []
    const transport = FetchTransport.layer({
      fetch: async (input, init) => {
        // After a pause as well.
        await new Promise((resolve) => setImmediate(resolve))
        seen.push((trace.getActiveSpan() as { readonly name?: string } | undefined)?.name)
        return fetch(input, init)
      }
    })
    const deeply = clientOf(server, { telemetry, transport })
    await deeply.token()
    server.expireTokens()
    await trace.getTracer("app").startActiveSpan("request", (span) => deeply.fetch(path).finally(() => span.end()))
    expect(seen).toEqual([spans.tokenRequest, "request", spans.tokenRequest, spans.replay])
  })

  it("OBS-3, TOK-2, STO-2: counts waits for another client's renewal, and storage failures", async () => {
    const exported = openTelemetry()
    const server = await fakeServer({ tokenRequestLatency: 50 })
    const storage = MemoryStorage.layer()
    const directory = await mkdtemp(join(tmpdir(), "tokens-"))
    onTestFinished(() => rm(directory, { recursive: true }))
    writeFileSync(join(directory, "file"), "")
    const broken = FileStorage.layer({ directory: join(directory, "file") })
    const clients = [
      clientOf(server, { telemetry, storage }),
      clientOf(server, { telemetry, storage }),
      clientOf(server, { telemetry, storage: broken, storageGrace: 1 })
    ]
    await Promise.all(clients.map(({ token }) => token()))
    expect(exported.named(spans.lease)).toHaveLength(1)
    expect(await exported.values()).toMatchObject({
      [metrics.leaseWaitMillis]: 1,
      [`${metrics.renewals} first adopted`]: 1,
      [`${metrics.storageFailures} load`]: 1
    })
    const histograms = (await exported.metrics()).filter(({ descriptor }) => descriptor.name.endsWith("_millis"))
    const value = expect.objectContaining({ buckets: expect.objectContaining({ boundaries: histogramBounds }) })
    expect(histograms.map(({ dataPoints }) => dataPoints[0]?.value)).toEqual([value, value])
  })

  it("OBS-3: a pool's clients report too, and providers that are registered after the first use", async () => {
    const server = await fakeServer()
    await using pool = createDeeplyPool({ apiKey: () => server.apiKey, host: server.host, telemetry })
    await pool.client("first").token()
    const exported = openTelemetry()
    await pool.client("first").token()
    expect(exported.counts()).toEqual({})
    server.expireTokens()
    expect((await pool.client("first").fetch(path)).status).toBe(200)
    expect(exported.counts()).toEqual({ ...renewal, [spans.replay]: 1 })
    expect(await exported.values()).toMatchObject({ [metrics.tokenRequests]: 1, [metrics.replays]: 1 })
  })

  it("OBS-3: a provider that throws fails no request", async () => {
    const fail = () => {
      throw new Error("The provider is broken.")
    }
    trace.setGlobalTracerProvider({ getTracer: fail } satisfies TracerProvider)
    metricsApi.setGlobalMeterProvider({ getMeter: fail } satisfies MeterProvider)
    onTestFinished(() => {
      trace.disable()
      metricsApi.disable()
    })
    const server = await fakeServer()
    const deeply = clientOf(server, { telemetry })
    await deeply.token()
    server.expireTokens()
    expect((await deeply.fetch(path)).status).toBe(200)
  })

  it("OBS-3: without an SDK, nothing is exported and nothing fails", async () => {
    const server = await fakeServer()
    await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host, telemetry })
    expect((await deeply.fetch(path)).status).toBe(200)
  })
})
