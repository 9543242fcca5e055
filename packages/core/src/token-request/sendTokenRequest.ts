import * as Effect from "effect/Effect"
import type { ApiKey } from "../credentials/ApiKey.ts"
import { containsPart } from "../credentials/containsPart.ts"
import type { GrantUse } from "../grants/GrantUse.ts"
import { isControlFlow } from "../errors/controlFlow.ts"
import { type TokenkeepError, tokenkeepErrorOf } from "../errors/TokenkeepError.ts"
import { Provider } from "../ports/Provider.ts"
import { isTokenVerdict } from "../ports/verdicts.ts"
import { Transport } from "../ports/Transport.ts"
import { checkTokenOrigins } from "../requests/baseUrl.ts"
import { clocks } from "../runtime/clocks.ts"
import { runnerOf } from "../runtime/promiseRunner.ts"
import type { TokenExchange } from "./TokenExchange.ts"
import { guardedFetch } from "./guardedFetch.ts"
import { providerFailed, responseInvalid } from "./tokenRequestErrors.ts"

/**
 * Sends one token request over HTTP, without retries, budget or cool-down: those are in `tokenRequester.ts`.
 *
 * @param onSend Runs right before a request is sent; its failure is the outcome, whatever the provider makes of it.
 * @param grant The refresh token that is sent, if there is one.
 */
export const makeSendTokenRequest = Effect.fnUntraced(function* (settings: {
  readonly tokenOrigins: ReadonlyArray<URL>
  readonly maxBody: number
}) {
  const provider = yield* Provider
  const transport = yield* Transport
  const { mono, wall } = yield* clocks

  return <E>(key: ApiKey, onSend: Effect.Effect<void, E>, grant?: GrantUse) =>
    Effect.gen(function* () {
      const run = runnerOf(yield* Effect.context())
      let refused: { readonly error: E } | undefined
      let sentAt = wall()
      let startedAt = mono()
      let response = { status: 0, headers: new Headers() }
      const beforeSending = onSend.pipe(
        Effect.tapError((error) =>
          Effect.sync(() => {
            refused = { error }
          })
        ),
        Effect.andThen(
          Effect.sync(() => {
            sentAt = wall()
            startedAt = mono()
          })
        )
      )
      const verdict = yield* Effect.tryPromise({
        try: async (signal) => {
          const ended = new AbortController()
          const fetchFrom = (tokenOrigins: ReadonlyArray<URL>) =>
            guardedFetch({
              ...settings,
              tokenOrigins,
              transport,
              run,
              signal: AbortSignal.any([signal, ended.signal]),
              holdsKey: (text) =>
                containsPart(text, key.reveal()) || (grant !== undefined && containsPart(text, grant.refreshToken())),
              grant,
              beforeSending,
              onResponse: (status, headers) => {
                response = { status, headers }
              }
            })
          try {
            const discovered = await provider.discoverTokenOrigins?.({ fetch: fetchFrom(settings.tokenOrigins) })
            const tokenOrigins = discovered && checkTokenOrigins(provider, discovered)
            const returned = await provider.requestToken(key, {
              fetch: fetchFrom(tokenOrigins ?? settings.tokenOrigins),
              ...(grant && { refreshToken: grant.refreshToken() })
            })
            // A provider may ignore that its fetch failed.
            if (refused !== undefined) throw refused.error
            if (!isTokenVerdict(returned)) throw providerFailed("returned no verdict")
            return returned
          } finally {
            // A request that the provider no longer waits for would outlive the lease and the deadline.
            ended.abort()
          }
        },
        catch: (error): E | TokenkeepError => {
          if (refused !== undefined) return refused.error
          // As a defect: no retry, no fallback and no other client may handle it.
          if (isControlFlow(error)) throw error
          // Libraries wrap what fetch rejects with. A bug of the provider must not print the secret that it works with.
          const known = tokenkeepErrorOf(error) ?? providerFailed("threw an error")
          // The server chose the origin that was discovered.
          return known.code === "INSECURE_ORIGIN" && containsPart(known.reason.origin, key.reveal())
            ? responseInvalid("its origin contains a part of the credential")
            : known
        }
      })
      return { verdict, ...response, sentAt, tookMillis: mono() - startedAt } satisfies TokenExchange
    })
})
