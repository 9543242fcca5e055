import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import {
  AuthorizedClient,
  makeTokenKeepPool,
  type PoolOptions,
  type TokenEvent,
  TokenManager,
  TokenStorage,
  Transport
} from "../../src/index.ts"
import { exampleProvider, type ProviderOverrides } from "./exampleProvider.ts"
import { scriptedStorage } from "./scriptedStorage.ts"
import { type Script, scriptedTransport, tokenResponse } from "./scriptedTransport.ts"

export const keyOf = (id: string): string => `sk-live-${id}-2f6c1d8e7b3a4950`

/** Issues `token-of-KEY-1`, `token-of-KEY-2`, … to each key, and responds to other requests with the token they carry. */
export const perKey = (): Script => {
  const issued = new Map<string, number>()
  return ({ authorization = "", url }) => {
    if (!url.endsWith("/token")) return new Response(authorization)
    const key = authorization.slice("Bearer ".length)
    const count = (issued.get(key) ?? 0) + 1
    issued.set(key, count)
    return tokenResponse(`token-of-${key.replace("sk-live-", "")}-${count}`)
  }
}

export interface TestPoolOptions extends Partial<PoolOptions> {
  readonly script?: Script
  readonly storage?: ReturnType<typeof scriptedStorage>
  readonly provider?: ProviderOverrides
}

/** A pool with scripted ports and the test's clock. */
export const testPool = Effect.fnUntraced(function* (options: TestPoolOptions = {}) {
  const { script = perKey(), storage = scriptedStorage(), provider: overrides, ...rest } = options
  const transport = scriptedTransport(script)
  const events: Array<TokenEvent> = []
  const provider = exampleProvider(overrides)
  const scope = yield* Scope.make()
  const pool = yield* makeTokenKeepPool({
    connection: (id) => ({ provider, apiKey: () => keyOf(id) }),
    onTokenEvent: (event) => void events.push(event),
    ...rest
  }).pipe(
    Effect.provideService(Transport, transport.service),
    Effect.provideService(TokenStorage, storage.service),
    Effect.provideService(Scope.Scope, scope)
  )
  const dispose = Scope.close(scope, Exit.void)
  yield* Effect.addFinalizer(() => dispose)
  const withManager = <A, E>(id: string, use: (manager: TokenManager["Service"]) => Effect.Effect<A, E>) =>
    pool.provide(id)(TokenManager.use(use))
  return {
    pool,
    storage,
    events,
    dispose,
    calls: transport.calls,
    tokenRequests: () => transport.calls.filter(({ url }) => url.endsWith("/token")).length,
    /** The value of the id's token. */
    token: (id: string) => withManager(id, ({ get }) => Effect.map(get, (token) => token.reveal())),
    withManager,
    status: (id: string) => withManager(id, (manager) => Effect.sync(manager.status)),
    request: (id: string, path = "/things") =>
      AuthorizedClient.use(({ request }) => request(path)).pipe(
        pool.provide(id),
        Effect.flatMap((response) => Effect.promise(() => response.text()))
      )
  }
})
