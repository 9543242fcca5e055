import { metrics, spans, StorageFailure, TokenStorage } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { Deeply } from "@tokenkeep/deeply"
import type { RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Otlp from "effect/observability/Otlp"
import { describe, expect, it } from "vitest"
import { runProgram } from "./support/runProgram.ts"
import { clientOf, fakeServer, rejection } from "./support/clients.ts"
import { json, rawServer } from "./support/servers.ts"

const path = "/api/v1/events?size=1"
const exporting = new URL("./fixtures/telemetry.ts", import.meta.url)

interface Span {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly status: { readonly code: number }
}

interface Exported {
  readonly name: string
  readonly sum?: { readonly dataPoints: ReadonlyArray<Point> }
  readonly histogram?: { readonly dataPoints: ReadonlyArray<Point> }
}

interface Point {
  readonly attributes: ReadonlyArray<{ readonly value: { readonly stringValue: string } }>
  readonly asDouble?: number
  readonly count?: number
}

interface Signals {
  readonly resourceSpans?: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
  readonly resourceMetrics?: ReadonlyArray<{
    readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<Exported> }>
  }>
}

const spansIn = (signals: ReadonlyArray<Signals>): ReadonlyArray<Span> =>
  signals
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap((scope) => scope.spans)

const metricsIn = (signals: ReadonlyArray<Signals>): ReadonlyArray<Exported> =>
  signals
    .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics)

/** An OTLP collector on 127.0.0.1, and a layer that exports to it. */
const collector = async () => {
  const { requests, url } = await rawServer((_, response) => json(response, 200, {}))
  const signals = () => requests.map(({ body }) => JSON.parse(body.toString()) as Signals)
  return {
    url,
    telemetry: Otlp.layerJson({ baseUrl: url, resource: { serviceName: "telemetry-test" } }).pipe(
      Layer.provide(FetchHttpClient.layer)
    ),
    text: () => requests.map((seen) => JSON.stringify(seen.headers) + seen.body.toString()).join("\n"),
    paths: () => new Set(requests.map((seen) => seen.path)),
    named: (name: string) => spansIn(signals()).filter((span) => span.name === name),
    spans: () => spansIn(signals()),
    metrics: () => metricsIn(signals())
  }
}

type Collector = Awaited<ReturnType<typeof collector>>

/** The number of spans by name. */
const spanCounts = ({ spans: received }: Collector): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { name } of received()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** The last value of each metric by its attributes; the value of a histogram is its count. */
const counted = ({ metrics: received }: Collector): Record<string, number | undefined> =>
  Object.fromEntries(
    received().flatMap(({ histogram, name, sum }) =>
      (sum ?? histogram)!.dataPoints.map(({ asDouble, attributes, count }) => [
        [name, ...attributes.map(({ value }) => value.stringValue)].join(" "),
        asDouble ?? count
      ])
    )
  )

/** Records every token that the server issues, so that the export can be searched for it. */
const recordingTokens = () => {
  const tokens: Array<string> = []
  const transport = FetchTransport.layer({
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      if (!response.url.endsWith("/auth/reissue") || !response.ok) return response
      const { access_token: token } = (await response.clone().json()) as { readonly access_token: string }
      tokens.push(token)
      return response
    }
  })
  return { tokens, transport }
}

// Loads before and under the lease; saves before and after the token request.
const renewal = { [spans.renew]: 1, [spans.tokenRequest]: 1, [spans.load]: 2, [spans.save]: 2 }

const times = (counts: Record<string, number>, by: number) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count * by]))

const expectClean = (received: Collector, server: RunningFakeDeeply, tokens: ReadonlyArray<string>, calls: number) => {
  expect(tokens.length).toBe(calls)
  assertNoSecrets(received.text(), [server.apiKey, ...tokens])
  // Neither API exports logs.
  expect(received.paths()).toEqual(new Set(["/v1/traces", "/v1/metrics"]))
}

describe("OBS-3: spans and metrics", () => {
  it("OBS-3, SEC-1: the promise API exports a renewal, a replay and a rejected key; a cached token adds no span", async () => {
    const server = await fakeServer()
    const received = await collector()
    const { tokens, transport } = recordingTokens()
    const deeply = clientOf(server, { telemetry: received.telemetry, transport })
    for (let i = 0; i < 20; i += 1) expect((await deeply.fetch(path)).status).toBe(200)
    for (let i = 0; i < 20; i += 1) await deeply.token()
    server.expireTokens()
    expect((await deeply.fetch(path)).status).toBe(200)
    server.revokeTokens()
    server.revokeKey()
    expect(await rejection(deeply.fetch(path))).toMatchObject({ code: "API_KEY_REJECTED" })
    await deeply.dispose()

    expect(spanCounts(received)).toEqual({ ...times(renewal, 3), [spans.replay]: 2 })
    const failed = received.spans().filter(({ status }) => status.code === 2)
    expect(failed.map(({ name }) => name)).toEqual([spans.tokenRequest, spans.renew, spans.replay])
    expect(
      received
        .metrics()
        .map(({ name }) => name)
        .toSorted()
    ).toEqual(
      Object.values(metrics)
        .filter((name) => name !== metrics.leaseWaitMillis && name !== metrics.storageFailures)
        .toSorted()
    )
    expect(received.text()).toContain("telemetry-test")
    expectClean(received, server, tokens, 2)
  })

  it("OBS-3, TOK-2, STO-2: a wait for another client's lease is a span and a metric, and storage failures are counted", async () => {
    const server = await fakeServer({ tokenRequestLatency: 50 })
    const received = await collector()
    const down = Effect.fail(new StorageFailure({ operation: "load", detail: "down" }))
    const { telemetry } = received
    const storage = MemoryStorage.layer()
    const broken = Layer.effect(
      TokenStorage,
      Effect.map(TokenStorage, (working) => ({ ...working, load: () => down }))
    ).pipe(Layer.provide(MemoryStorage.layer()))
    const clients = [
      clientOf(server, { telemetry, storage }),
      clientOf(server, { telemetry, storage }),
      clientOf(server, { telemetry, storage: broken, storageGrace: 1 })
    ]
    const ids = (await Promise.all(clients.map(({ token }) => token()))).map(({ id }) => id)
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
    expect(server.stats.tokenRequests).toBe(2)
    await Promise.all(clients.map(({ dispose }) => dispose()))
    expect(received.named(spans.lease)).toHaveLength(1)
    const names = received.metrics().map(({ name }) => name)
    expect(names).toContain(metrics.leaseWaitMillis)
    expect(names).toContain(metrics.storageFailures)
  })

  it("OBS-3, SEC-1: the Effect API exports the same; a replay is in the caller's span, a renewal is in none", async () => {
    const server = await fakeServer()
    const received = await collector()
    const { tokens, transport } = recordingTokens()
    const request = Deeply.use((deeply) => deeply.request(path))
    const program = Effect.gen(function* () {
      for (let i = 0; i < 20; i += 1) yield* request
      server.expireTokens()
      yield* Effect.withSpan(request, "app.request")
      server.revokeTokens()
      server.revokeKey()
      return yield* Effect.flip(request)
    })
    const deeply = Deeply.layer({ apiKey: server.apiKey, host: server.host }).pipe(
      Layer.provide([transport, MemoryStorage.layer(), received.telemetry])
    )
    const error = await Effect.runPromise(
      program.pipe(
        Effect.provide(Layer.merge(deeply, received.telemetry)),
        Effect.withSpan("app.start"),
        // A separate registry, so that other tests do not change these counts.
        Effect.provideService(Metric.MetricRegistry, new Map())
      )
    )
    expect(error.code).toBe("API_KEY_REJECTED")

    const { "app.request": requests, "app.start": _, ...ours } = spanCounts(received)
    expect(requests).toBe(1)
    expect(ours).toEqual({ ...times(renewal, 3), [spans.replay]: 2 })
    const [caller] = received.named("app.request")
    expect(received.named(spans.replay)[0]?.parentSpanId).toBe(caller?.spanId)
    expect(received.named(spans.renew).map(({ parentSpanId }) => parentSpanId)).toEqual([
      undefined,
      undefined,
      undefined
    ])
    expect(counted(received)).toEqual({
      [metrics.tokenRequests]: 3,
      [metrics.tokenRequestMillis]: 2,
      [`${metrics.renewals} first issued`]: 1,
      [`${metrics.renewals} rejected issued`]: 1,
      [`${metrics.renewals} rejected API_KEY_REJECTED`]: 1,
      [`${metrics.rejections} expired`]: 1,
      [`${metrics.rejections} invalid`]: 1,
      [metrics.replays]: 1
    })
    expectClean(received, server, tokens, 2)
  })

  it("OBS-3, RUN-2: dispose exports everything, and then keeps no process alive", async () => {
    const server = await fakeServer()
    const received = await collector()
    const env = { DEEPLY_API_KEY: server.apiKey, DEEPLY_HOST: server.url, COLLECTOR: received.url }
    const { code, stderr, stdout } = await runProgram(exporting, env)
    expect([code, stderr, stdout]).toEqual([0, "", "200 disposed\n"])
    expect(spanCounts(received)).toEqual(renewal)
    expect(received.metrics().map(({ name }) => name)).toContain(metrics.tokenRequests)
  })

  it("OBS-3: a collector that does not respond affects no request", async () => {
    const server = await fakeServer()
    const telemetry = Otlp.layerJson({
      baseUrl: "http://127.0.0.1:9",
      resource: { serviceName: "telemetry-test" },
      shutdownTimeout: 100
    }).pipe(Layer.provide(FetchHttpClient.layer))
    const deeply = clientOf(server, { telemetry })
    expect((await deeply.fetch(path)).status).toBe(200)
    await deeply.dispose()
  })
})
