import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  type ApiCall,
  type ApiClientOptions,
  AuthorizedClient,
  makeApiClient,
  type Rates,
  TokenManager
} from "../../src/index.ts"
import { testKeep, type TestKeepOptions } from "./testKeep.ts"

export interface TestApiOptions extends TestKeepOptions, Pick<ApiClientOptions, "rateLimits"> {
  readonly rates?: Rates
  readonly messageOf?: (text: string) => unknown
}

/** Whatever JSON there is. */
export const anything: ApiCall<unknown> = { endpoint: "/things", path: "/things?page=1", decode: Result.succeed }

/** The calls of a provider's typed client, over scripted ports and on the clock of the test. */
export const testApi = Effect.fnUntraced(function* (options: TestApiOptions = {}) {
  const keep = yield* testKeep(options)
  const { get } = yield* makeApiClient(options).pipe(
    Effect.provideService(AuthorizedClient, keep.client),
    Effect.provideService(TokenManager, keep.manager)
  )
  return { ...keep, get }
})
