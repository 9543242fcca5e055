import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  type ApiCall,
  type ApiClientOptions,
  AuthorizedClient,
  makeApiClient,
  type Rates,
  type TokenEvent,
  TokenManager
} from "../../src/index.ts"
import { testClient, type TestClientOptions } from "./testClient.ts"

export interface TestApiOptions extends TestClientOptions, Pick<ApiClientOptions, "rateLimits"> {
  readonly rates?: Rates
  readonly messageOf?: (text: string) => unknown
}

/** Accepts any JSON. */
export const anything: ApiCall<unknown> = { endpoint: "/things", path: "/things?page=1", decode: Result.succeed }

/** The calls of a provider's typed client, with scripted ports and the test's clock. */
export const testApi = Effect.fnUntraced(function* (options: TestApiOptions = {}) {
  const { messageOf, rateLimits, rates, ...rest } = options
  const client = yield* testClient(rest)
  const onTokenEvent = (event: TokenEvent) => void client.events.push(event)
  const { get } = yield* makeApiClient({ maxWait: rest.maxWait, messageOf, rateLimits, rates, onTokenEvent }).pipe(
    Effect.provideService(AuthorizedClient, client.client),
    Effect.provideService(TokenManager, client.manager)
  )
  return { ...client, get }
})
