import { AuthorizedClient, tokenKeepLayer, TokenStorage, Transport } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Law, LawBroken } from "../../Law.ts"
import type { ProviderBench } from "../../ProviderBench.ts"
import { answerOf } from "./answers.ts"

const probe = "probe-of-the-laws"

/** A storage that keeps nothing: a provider has nothing to do with storing. */
const nowhere = TokenStorage.of({
  capabilities: { durable: false, shared: false, exclusive: false, watch: false },
  load: () => Effect.undefined,
  save: () => Effect.succeed(true),
  remove: () => Effect.void
})

/** The API as it is documented: it issues tokens, refuses the first one, and takes the others. */
const documentedApi = ({ documented }: ProviderBench) => {
  const { expired, invalid, issued } = documented
  const refused = answerOf(invalid ?? expired ?? { status: 401 })
  const asked: Array<{ readonly url: string; readonly authorization: string | null; readonly text: string }> = []
  const tokens: Array<string> = []

  const answer = (url: string, authorization: string | null): Response => {
    if (!url.includes(probe)) {
      const { headers, status, text } = answerOf(issued)
      const token = `${issued.token}${tokens.length === 0 ? "" : `.${tokens.length}`}`
      tokens.push(token)
      return new Response(text.replaceAll(issued.token, token), { status, headers })
    }
    const isFirst = authorization === `Bearer ${tokens[0]}`
    return isFirst
      ? new Response(refused.text, { status: refused.status, headers: refused.headers })
      : new Response("ok")
  }

  const transport = Transport.of({
    hops: "visible",
    send: (url, init) => {
      const headers = new Headers(init.headers)
      const authorization = headers.get("authorization")
      if (url.includes(probe)) asked.push({ url, authorization, text: [url, ...headers.values()].join("\n") })
      const response = answer(url, authorization)
      const { body, status } = response
      return Promise.resolve({ status, headers: response.headers, body, toResponse: () => response })
    }
  })
  return { transport, asked, tokens }
}

const ensure = (holds: boolean, reason: string): Effect.Effect<void, LawBroken> =>
  holds ? Effect.void : Effect.fail(new LawBroken({ reason }))

export const wholes: ReadonlyArray<Law<ProviderBench>> = [
  {
    id: "serves-a-client",
    guarantees: ["KEY-1", "REQ-1", "TOK-4"],
    statement: "Serves a client: a token is had, refused once, had again, and the key goes to no request.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const { asked, tokens, transport } = documentedApi(bench)
      const layer = tokenKeepLayer({
        provider: { ...bench.provider, propagation: 0 },
        apiKey: bench.key.reveal()
      }).pipe(Layer.provide([Layer.succeed(Transport, transport), Layer.succeed(TokenStorage, nowhere)]))
      const response = yield* Effect.provide(
        AuthorizedClient.use((client) => client.request(probe)),
        layer
      )
      yield* ensure(response.status === 200, `the request ended with status ${response.status}`)
      yield* ensure(tokens.length === 2, `${tokens.length} tokens were issued, not 2`)
      yield* ensure(
        asked.map(({ authorization }) => authorization).join() === tokens.map((token) => `Bearer ${token}`).join(),
        "the requests did not carry the two tokens, one after the other"
      )
      yield* ensure(
        !asked.some(({ text }) => bench.secrets.some((secret) => text.includes(secret))),
        "a request to a general endpoint carried the key"
      )
    })
  }
]
