import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import {
  AuthorizedClient,
  type TokenEvent,
  tokenKeepLayer,
  type TokenKeepOptions,
  TokenManager,
  TokenStorage,
  Transport
} from "../../src/index.ts"
import { exampleProvider, type ProviderOverrides } from "./exampleProvider.ts"
import { scriptedStorage } from "./scriptedStorage.ts"
import { type Script, scriptedTransport, tokens } from "./scriptedTransport.ts"
import { apiKey } from "./testManager.ts"

export interface TestClientOptions extends Partial<Omit<TokenKeepOptions, "provider">> {
  /** How token requests are handled, counted from 0. */
  readonly tokenScript?: Script
  /** How all other requests are handled, counted from 0. */
  readonly apiScript?: Script
  readonly provider?: ProviderOverrides
  readonly storage?: ReturnType<typeof scriptedStorage>
}

/** A client as the Effect API builds it, with scripted ports and the test's clock. */
export const testClient = Effect.fnUntraced(function* (options: TestClientOptions = {}) {
  const {
    apiScript = () => new Response("ok"),
    tokenScript = tokens,
    provider,
    storage = scriptedStorage(),
    ...rest
  } = options
  const clock = yield* Clock.Clock
  const issued: Array<number> = []
  const sent: Array<{ readonly at: number; readonly authorization: string | undefined }> = []
  const transport = scriptedTransport((call) => {
    const at = clock.currentTimeMillisUnsafe()
    if (call.url.endsWith("/token")) return tokenScript(call, issued.push(at) - 1)
    return apiScript(call, sent.push({ at, authorization: call.authorization }) - 1)
  })
  const events: Array<TokenEvent> = []
  const onTokenEvent = (event: TokenEvent) => {
    events.push(event)
    options.onTokenEvent?.(event)
  }
  const layer = tokenKeepLayer({ apiKey, ...rest, onTokenEvent, provider: exampleProvider(provider) }).pipe(
    Layer.provide([Layer.succeed(Transport, transport.service), Layer.succeed(TokenStorage, storage.service)])
  )
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(layer, scope)
  const dispose = Scope.close(scope, Exit.void)
  yield* Effect.addFinalizer(() => dispose)
  return {
    client: Context.get(context, AuthorizedClient),
    manager: Context.get(context, TokenManager),
    calls: transport.calls,
    /** When each token request was sent. */
    issued,
    /** When each other request was sent, and with which Authorization. */
    sent,
    events,
    dispose
  }
})
