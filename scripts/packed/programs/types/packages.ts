import {
  AuthorizedClient,
  createTokenKeep,
  TokenManager,
  type AccessToken,
  type Provider,
  type TokenEvent,
  type TokenKeep,
  type TokenkeepError,
  type TokenStorage,
  type TokenVerdict,
  type Transport
} from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { AuthorizedHttpClient } from "@tokenkeep/core/unstable-http"
import { runContract, storageContract, type ContractReport } from "@tokenkeep/conformance"
import { createDeeply, Deeply, edge, type DeeplyClient } from "@tokenkeep/deeply"
import { startFakeDeeply, type Fault } from "@tokenkeep/deeply/testing"
import { FileStorage } from "@tokenkeep/storage-file"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { RedisStorage } from "@tokenkeep/storage-redis"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { authorizedKy, KyTransport } from "@tokenkeep/transport-ky"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const storages: ReadonlyArray<Layer.Layer<TokenStorage, TokenkeepError>> = [
  MemoryStorage.layer(),
  FileStorage.layer({ directory: "tokens" }),
  RedisStorage.layer({ url: "redis://127.0.0.1" })
]
const transports: ReadonlyArray<Layer.Layer<Transport, TokenkeepError>> = [
  FetchTransport.layer({ fetch: async (input, init) => new Response(`${init.method} ${input}`) }),
  FetchTransport.layer({ fetch: globalThis.fetch }),
  KyTransport.layer(),
  UndiciTransport.layer()
]
const seen: Array<TokenEvent> = []
const ports = Layer.mergeAll(MemoryStorage.layer(), FetchTransport.layer())

export const program: Effect.Effect<number, TokenkeepError> = Effect.gen(function* () {
  const deeply = yield* Deeply
  const { list } = deeply.events
  const { results } = yield* list({ size: 2 })
  const token: AccessToken = yield* TokenManager.use(({ get }) => get)
  const response: Response = yield* AuthorizedClient.use(({ request }) => request(new URL("https://example.com")))
  return results.length + response.status + token.id.length
}).pipe(Effect.provide(Layer.provide(Deeply.layer({ apiKey: "sk-live-2f6c1d", host: edge("10.0.0.7") }), ports)))

export const httpClient = Layer.provide(AuthorizedHttpClient.layer, Deeply.layerDefault({ apiKey: () => undefined }))

const provider: Provider["Service"] = {
  name: "billing",
  baseUrl: "https://billing.example.com",
  allowInsecureHttp: false,
  classify: ({ status }) => (status === 401 ? { _tag: "TokenExpired" } : { _tag: "Other" }),
  requestToken: async (key, { fetch }): Promise<TokenVerdict> => {
    const response = await fetch("/token", { method: "POST", headers: { "x-key": key.reveal() } })
    return { _tag: "Issued", token: await response.text() }
  }
}

export const keep: TokenKeep = createTokenKeep({
  provider,
  apiKey: "sk-live-2f6c1d",
  storage: MemoryStorage.layer(),
  transport: FetchTransport.layer(),
  maxWait: "2 minutes",
  onTokenEvent: (event) => seen.push(event)
})

export const check = (): Promise<ContractReport> => {
  const capabilities = keep.status().storage
  const open = (directory: string) => FileStorage.layer({ directory })
  return runContract(storageContract({ name: "files", capabilities, makeLocation: Effect.succeed("tokens"), open }))
}

export const fake = async (): Promise<void> => {
  const server = await startFakeDeeply()
  const fault: Fault = { status: 503, headers: { "retry-after": "1" } }
  server.script([fault])
  const deeply: DeeplyClient = createDeeply({ apiKey: server.apiKey, host: server.host })
  const error = await deeply.explain(await deeply.fetch("/api/v1/events", { method: "POST", body: "{}" }))
  await authorizedKy(deeply, { retry: 0 }).get("/api/v1/events")
  if (error?.code === "RATE_LIMITED") assertNoSecrets(`${error.retryAt.toFixed()} ${error.reason.endpoint}`, [])
}

// A type that is missing would take anything.
// @ts-expect-error A request is not a number.
export const noRequest = Deeply.use((client) => client.request(42))
// @ts-expect-error Headers are not a number.
export const noFault: Fault = { status: 503, headers: 42 }
// @ts-expect-error There is no such unit.
export const noTime = Deeply.layer({ maxWait: "2 fortnights" })
// @ts-expect-error A response is not a string.
export const noFetch = FetchTransport.layer({ fetch: async () => "" })
export const all = [storages, transports]
