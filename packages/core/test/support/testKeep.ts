import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import {
  AuthorizedClient,
  Provider,
  type TokenEvent,
  tokenKeepLayer,
  type TokenKeepOptions,
  TokenManager,
  TokenStorage,
  Transport
} from "../../src/index.ts"
import { exampleProvider } from "./exampleProvider.ts"
import { scriptedStorage } from "./scriptedStorage.ts"
import { type Script, scriptedTransport, tokens } from "./scriptedTransport.ts"
import { apiKey } from "./testManager.ts"

export interface TestKeepOptions extends Partial<Omit<TokenKeepOptions, "provider">> {
  /** What comes of the issue calls, counted from 0. */
  readonly issuing?: Script
  /** What comes of all other requests, counted from 0. */
  readonly answering?: Script
  readonly provider?: Partial<Provider["Service"]>
  readonly storage?: ReturnType<typeof scriptedStorage>
}

/** Client and manager as the Effect door builds them, on the clock of the test; when each request left is noted. */
export const testKeep = Effect.fnUntraced(function* (options: TestKeepOptions = {}) {
  const {
    answering = () => new Response("ok"),
    issuing = tokens,
    provider,
    storage = scriptedStorage(),
    ...rest
  } = options
  const clock = yield* Clock.Clock
  const issued: Array<number> = []
  const sent: Array<{ readonly at: number; readonly authorization: string | undefined }> = []
  const transport = scriptedTransport((call) => {
    const at = clock.currentTimeMillisUnsafe()
    if (call.url.endsWith("/token")) return issuing(call, issued.push(at) - 1)
    return answering(call, sent.push({ at, authorization: call.authorization }) - 1)
  })
  const events: Array<TokenEvent> = []
  const onEvent = (event: TokenEvent) => {
    events.push(event)
    options.onEvent?.(event)
  }
  const layer = tokenKeepLayer({ apiKey, ...rest, onEvent, provider: exampleProvider(provider) }).pipe(
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
    /** When each issue call left. */
    issued,
    /** When each other request left, and with what. */
    sent,
    events,
    dispose
  }
})
