import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import {
  type ApiKeySources,
  Credentials,
  FallbackStorage,
  Provider,
  type TokenEvent,
  TokenManager,
  type TokenManagerOptions,
  TokenStorage,
  Transport
} from "../../src/index.ts"
import { exampleProvider, type ProviderOverrides } from "./exampleProvider.ts"
import { scriptedStorage } from "./scriptedStorage.ts"
import { type Script, scriptedTransport, tokens } from "./scriptedTransport.ts"

export const apiKey = "sk-live-2f6c1d8e7b3a4950"

export interface TestManagerOptions extends TokenManagerOptions {
  readonly script?: Script
  readonly transport?: ReturnType<typeof scriptedTransport>
  readonly storage?: ReturnType<typeof scriptedStorage>
  readonly fallback?: ReturnType<typeof scriptedStorage>
  readonly provider?: ProviderOverrides
  readonly source?: ApiKeySources
}

/** A manager with scripted ports, its events, and a dispose of its own. */
export const testManager = Effect.fnUntraced(function* (options: TestManagerOptions = {}) {
  const {
    fallback,
    provider,
    script = tokens,
    source = apiKey,
    storage = scriptedStorage(),
    transport = scriptedTransport(script),
    ...rest
  } = options
  const events: Array<TokenEvent> = []
  const onTokenEvent = (event: TokenEvent) => {
    events.push(event)
    options.onTokenEvent?.(event)
  }
  const layer = TokenManager.layer({ ...rest, onTokenEvent }).pipe(
    Layer.provide([
      Layer.succeed(Provider, exampleProvider(provider)),
      Layer.succeed(Transport, transport.service),
      Layer.succeed(TokenStorage, storage.service),
      Layer.succeed(FallbackStorage, fallback?.service),
      Credentials.layer(source)
    ])
  )
  const scope = yield* Scope.make()
  const manager = Context.get(yield* Layer.buildWithScope(layer, scope), TokenManager)
  const dispose = Scope.close(scope, Exit.void)
  yield* Effect.addFinalizer(() => dispose)
  return {
    manager,
    dispose,
    storage,
    events,
    calls: transport.calls,
    types: () => events.map(({ type }) => type),
    /** The events of one type, in order. */
    eventsOf: <T extends TokenEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<TokenEvent, { readonly type: T }> => event.type === type)
  }
})
