import { ApiKey, type Provider, type ProviderResponse, type TokenFetch, type TokenVerdict } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import type { DocumentedResponse, ProviderUnderTest } from "../../ProviderUnderTest.ts"
import { randomResponses } from "./randomResponses.ts"

/** A token request, as the provider gave it to `fetch`. */
export interface SentRequest {
  /** A path or a URL. */
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: string | undefined
  /** Where it may go, as URLs. */
  readonly origins: ReadonlyArray<string>
}

export interface ProviderFixture {
  readonly provider: Provider["Service"]
  readonly documented: ProviderUnderTest
  readonly key: ApiKey
  readonly otherKey: ApiKey
  /** The parts of the key that are secret. */
  readonly secrets: ReadonlyArray<string>
  readonly seed: number
  /** Every documented response. */
  readonly responses: readonly [issued: ProviderResponse, ...others: ReadonlyArray<ProviderResponse>]
  /** Damaged and unusual responses. */
  readonly randomResponses: ReadonlyArray<ProviderResponse>
  /** The requests that the provider sends for a token, in order, and the error if it rejects. */
  readonly sentRequests: (key: ApiKey) => Effect.Effect<ReadonlyArray<SentRequest>>
  /** The verdict on a response to a token request; it fails with what the provider rejects with. */
  readonly readToken: (response: ProviderResponse) => Effect.Effect<TokenVerdict, unknown>
}

/** A response as core passes it to a provider. */
export const toProviderResponse = (
  { body, headers, status }: DocumentedResponse,
  sentToken = true
): ProviderResponse => ({
  status,
  headers: new Headers(headers),
  text: typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body),
  sentToken
})

const bodyless = new Set([204, 205, 304])

const toResponse = ({ headers, status, text }: ProviderResponse): Response =>
  new Response(bodyless.has(status) ? null : text, { status, headers })

/** Statuses that a Response can have, so that `fetch` can return it. */
export const hasFetchStatus = ({ status }: ProviderResponse): boolean => status >= 200 && status <= 599

/** Requests a token with a `fetch` that records what is sent, and returns the given response. */
export const requestToken = (
  { earlierResponse, provider }: ProviderUnderTest,
  key: ApiKey,
  response: ProviderResponse,
  sent: Array<SentRequest> = []
): TokenVerdict | Promise<TokenVerdict> => {
  const { baseUrl, discoverTokenOrigins, tokenOrigins = [baseUrl] } = provider
  const fetchFrom =
    (origins: ReadonlyArray<string>): TokenFetch =>
    async (input, { body, headers, method = "GET" } = {}) => {
      const url = String(input)
      const text = body === undefined || body === null ? undefined : await new Response(body).text()
      sent.push({ url, method, headers: new Headers(headers), body: text, origins })
      const earlier = earlierResponse?.(url)
      return toResponse(earlier === undefined ? response : toProviderResponse(earlier, false))
    }
  if (discoverTokenOrigins === undefined) return provider.requestToken(key, { fetch: fetchFrom(tokenOrigins) })
  return discoverTokenOrigins({ fetch: fetchFrom(tokenOrigins) }).then((origins) =>
    provider.requestToken(key, { fetch: fetchFrom(origins) })
  )
}

const sampleKey = "sk-live-2f6c1d8e7b3a4950"

const withOtherEnd = (key: string): string => key.slice(0, -1) + (key.endsWith("0") ? "1" : "0")

export const makeFixture = (underTest: ProviderUnderTest): Effect.Effect<ProviderFixture> =>
  Effect.sync(() => {
    const { apiKey = sampleKey, cases = 500, provider, secrets = [apiKey], seed = 20_260_801 } = underTest
    const { expired, invalid, issued, keyRejected, limited, missing } = underTest
    const others = [expired, invalid, missing, limited].filter((response) => response !== undefined)
    const issuedResponse = toProviderResponse(issued, false)
    const responses = [
      issuedResponse,
      toProviderResponse(keyRejected, false),
      ...others.map((response) => toProviderResponse(response))
    ] as const
    const key = ApiKey.make(apiKey)
    return {
      provider,
      documented: underTest,
      key,
      otherKey: ApiKey.make(withOtherEnd(apiKey)),
      secrets,
      seed,
      responses,
      randomResponses: randomResponses(responses, { cases, seed }),
      sentRequests: (sentKey) =>
        Effect.promise(async () => {
          const sent: Array<SentRequest> = []
          await requestToken(underTest, sentKey, issuedResponse, sent)
          return sent
        }),
      readToken: (response) =>
        // @effect-diagnostics-next-line unknownInEffectCatch:off
        Effect.tryPromise({ try: async () => requestToken(underTest, key, response), catch: (error) => error })
    }
  })
