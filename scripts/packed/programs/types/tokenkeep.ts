import {
  cloud,
  createDeeply,
  edge,
  FetchTransport,
  isTokenkeepError,
  MemoryStorage,
  tokenkeepErrorOf,
  type AccessToken,
  type ApiKeySource,
  type CreateDeeplyOptions,
  type DeeplyClient,
  type DeeplyEvent,
  type Page,
  type TokenEvent,
  type TokenkeepError,
  type TokenStatus,
  type TokenStorage,
  type Transport
} from "tokenkeep"
import { FileStorage } from "tokenkeep/file"
import { authorizedKy, KyTransport } from "tokenkeep/ky"
import { OpenTelemetry } from "tokenkeep/opentelemetry"
import { RedisStorage } from "tokenkeep/redis"
import { startFakeDeeply, type Fault, type RunningFakeDeeply } from "tokenkeep/testing"
import { UndiciTransport } from "tokenkeep/undici"

const storages: ReadonlyArray<TokenStorage> = [
  MemoryStorage.layer(),
  FileStorage.layer({ directory: "tokens" }),
  RedisStorage.layer({ url: "redis://127.0.0.1" })
]
const transports: ReadonlyArray<Transport> = [
  FetchTransport.layer({ fetch: async (input, init) => new Response(`${init.method} ${input}`) }),
  FetchTransport.layer({ fetch: globalThis.fetch }),
  KyTransport.layer(),
  UndiciTransport.layer()
]
const apiKey: ApiKeySource = async () => "sk-live-2f6c1d"
const seen: Array<TokenEvent> = []

export const options: CreateDeeplyOptions = {
  apiKey: [apiKey, "sk-live-9b0e44"],
  host: cloud,
  maxWait: "2 minutes",
  storage: storages[0],
  transport: transports[0],
  telemetry: OpenTelemetry.layer(),
  onTokenEvent: (event) => seen.push(event)
}

const advice = (error: TokenkeepError): string =>
  error.code === "RATE_LIMITED" ? `${error.retryAt.toFixed()} ${error.reason.endpoint}` : error.fix
export const adviceFor = (thrown: unknown): string | undefined => {
  if (isTokenkeepError(thrown)) return advice(thrown)
  return tokenkeepErrorOf(thrown)?.code
}

export const use = async (deeply: DeeplyClient): Promise<Page<DeeplyEvent>> => {
  const token: AccessToken = await deeply.token({ signal: AbortSignal.timeout(1_000) })
  const status: TokenStatus = deeply.status()
  const response = await deeply.fetch("/api/v1/events", { method: "POST", headers: { a: token.id }, body: "{}" })
  const fetch: typeof globalThis.fetch = deeply.fetchWith({ auth: false })
  await fetch(new Request("https://example.com"))
  const known = await deeply.explain(response)
  await authorizedKy(deeply, { retry: 0 }).get("/api/v1/events")
  for await (const { id } of deeply.mics.all({ name: "hall" })) console.log(id, status.state, known?.code)
  return deeply.events.list({ start: new Date(), label_id: ["crying"] })
}

export const fake = async (): Promise<void> => {
  const server: RunningFakeDeeply = await startFakeDeeply({ rateLimits: true })
  const fault: Fault = { status: 503, headers: { "retry-after": "1" }, times: 2 }
  server.script([fault, { hang: true }])
  const deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
  await use(deeply)
  await deeply.dispose()
  await server.close()
}

// A type that is missing would take anything.
// @ts-expect-error A request is not a number.
export const noRequest = (deeply: DeeplyClient) => deeply.fetch(42)
// @ts-expect-error Headers are not a number.
export const noFault: Fault = { status: 503, headers: 42 }
// @ts-expect-error There is no such unit.
export const noTime = createDeeply({ maxWait: "2 fortnights" })
// @ts-expect-error A response is not a string.
export const noFetch = FetchTransport.layer({ fetch: async () => "" })
export const host = edge("10.0.0.7")
