import { AuthorizedClient, tokenKeepLayer, TokenStorage, Transport } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ProviderUnderTest } from "../../ProviderUnderTest.ts"
import { type Checks, ensure, ensureEqual } from "../checks.ts"
import { type ProviderFixture, toProviderResponse } from "./fixture.ts"

const path = "contract-test"

/** A storage that stores nothing, because a provider does not depend on the storage. */
const noStorage = TokenStorage.of({
  capabilities: { durable: false, shared: false, acquireLease: false, watch: false },
  load: () => Effect.undefined,
  save: () => Effect.succeed(true),
  remove: () => Effect.void
})

/** The documented API: it issues tokens, rejects the first one, and accepts the others. */
const documentedApi = ({ earlierResponse, expired, invalid, issued }: ProviderUnderTest) => {
  const tokens: Array<string> = []
  const requests: Array<{ readonly authorization: string | null; readonly text: string }> = []

  const respond = (url: string, headers: Headers) => {
    if (url.includes(path)) {
      const authorization = headers.get("authorization")
      requests.push({ authorization, text: [url, ...headers.values()].join("\n") })
      return authorization === `Bearer ${tokens[0]}` ? (invalid ?? expired ?? { status: 401 }) : { status: 200 }
    }
    const earlier = earlierResponse?.(url)
    if (earlier !== undefined) return earlier
    const token = `${issued.token}${tokens.length === 0 ? "" : `.${tokens.length}`}`
    tokens.push(token)
    return { ...issued, body: toProviderResponse(issued).text.replaceAll(issued.token, token) }
  }

  const transport = Transport.fromFetch(async (url, init) => {
    const { headers, status, text } = toProviderResponse(respond(url, new Headers(init.headers)))
    return new Response(text, { status, headers })
  })
  return { transport, requests, tokens }
}

export const endToEnd: Checks<ProviderFixture> = {
  "works-in-a-client": {
    behaviour: "A client gets a token, renews it when it is rejected, and sends the key with no other request.",
    guarantees: ["KEY-1", "REQ-1", "TOK-4"],
    *check({ documented, key, provider, secrets }) {
      const { requests, tokens, transport } = documentedApi(documented)
      const layer = tokenKeepLayer({ provider: { ...provider, propagation: 0 }, apiKey: key.reveal() }).pipe(
        Layer.provide([Layer.succeed(Transport, transport), Layer.succeed(TokenStorage, noStorage)])
      )
      const request = AuthorizedClient.use((client) => client.request(path))
      const { status } = yield* Effect.provide(request, layer)
      yield* ensureEqual("the status of the request", status, 200)
      yield* ensureEqual("the number of issued tokens", tokens.length, 2)
      const sent = requests.map(({ authorization }) => authorization)
      const isExpected = sent.join() === tokens.map((token) => `Bearer ${token}`).join()
      yield* ensure(isExpected, "the requests did not carry the two tokens, one after the other")
      const isExposed = requests.some(({ text }) => secrets.some((secret) => text.includes(secret)))
      yield* ensure(!isExposed, "a request to another endpoint carried the key")
    }
  }
}
