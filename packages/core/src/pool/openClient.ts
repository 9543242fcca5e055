import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { Credentials, makeCredentials } from "../credentials/Credentials.ts"
import { type ClientMemory, newMemory } from "../lifecycle/ClientMemory.ts"
import { makeTokenManager } from "../lifecycle/makeTokenManager.ts"
import { TokenManager } from "../lifecycle/TokenManager.ts"
import { Provider } from "../ports/Provider.ts"
import type { TokenStorage } from "../ports/TokenStorage.ts"
import type { Transport } from "../ports/Transport.ts"
import { AuthorizedClient, makeAuthorizedClient } from "../requests/AuthorizedClient.ts"
import { clocks } from "../runtime/clocks.ts"
import { type PromiseRunner, runnerOf } from "../runtime/promiseRunner.ts"
import type { Settings } from "../TokenKeepLayer.ts"

/** What all clients of a pool share. */
export type Adapters = Context.Context<Transport | TokenStorage>

/** One client, with the services that it runs effects with. */
export type OpenClient = Effect.Success<ReturnType<typeof openClient>>

/**
 * Builds one client over adapters that are ready. It builds no layer: that would cost as much memory as the client. For the
 * same reason, the functions that each client makes for itself return `Effect.gen`: with `Effect.fnUntraced` or `Effect.fn`,
 * each one keeps a generator function, and 500 or 1,700 bytes.
 *
 * @param remembered What an earlier client of the same id left.
 */
export const openClient = Effect.fnUntraced(function* (
  { apiKey, client, keyName, manager: settings, provider }: Settings,
  adapters: Adapters,
  scope: Scope.Closeable,
  remembered: Partial<ClientMemory> | undefined
) {
  const scoped = Context.add(Context.add(adapters, Provider, provider), Scope.Scope, scope)
  const credentials = yield* Effect.provideContext(
    makeCredentials(apiKey, { name: keyName, terms: provider.credential }),
    scoped
  )
  const withKeys = Context.add(scoped, Credentials, credentials)
  const { mono } = yield* Effect.provideContext(clocks, adapters)
  const memory = newMemory(remembered)
  const manager = yield* Effect.provideContext(makeTokenManager(settings, memory), withKeys)
  const withTokens = Context.add(withKeys, TokenManager, manager)
  const authorized = yield* Effect.provideContext(makeAuthorizedClient(settings.base, client), withTokens)
  const context = Context.add(Context.make(TokenManager, manager), AuthorizedClient, authorized)
  const run: PromiseRunner<TokenManager | AuthorizedClient> = runnerOf(context)
  return { client: authorized, manager, memory, mono, context, run }
})
