import { assert, describe, it } from "@effect/vitest"
import { generateKeyPairSync } from "node:crypto"
import { inspect } from "node:util"
import type { TokenEvent } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { createOAuth2, type CreateOAuth2Options, isTokenkeepError, OAuth2, type PrivateJwk } from "@tokenkeep/oauth2"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import { type Received, type Reply, startHandMade } from "./support/startHandMade.ts"

const secret = "s3cr3t-2f6c1d8e7b3a4950"
const token = "at-5e1f09d7c2b84a3e"
const refreshToken = "rt-91c0d7e2b84a3e5f"
const assertion = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhY21lIn0.c2lnbmF0dXJl"

const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }) as PrivateJwk

/** A body that quotes everything that it received, as a careless server does. */
const quoting = ({ body, headers }: Received): object => ({
  error_description: `${headers.authorization ?? ""} ${body.toString()}`
})

const issued = { access_token: token, refresh_token: refreshToken, token_type: "bearer", expires_in: 60 }

const replies: ReadonlyArray<readonly [what: string, reply: (received: Received) => Reply]> = [
  ["a token", () => ({ body: issued })],
  ["a rejected client", (received) => ({ status: 401, body: { error: "invalid_client", ...quoting(received) } })],
  ["a rejected grant", (received) => ({ status: 400, body: { error: "invalid_grant", ...quoting(received) } })],
  ["a rejected scope", (received) => ({ status: 400, body: { error: "invalid_scope", ...quoting(received) } })],
  ["an error that quotes", ({ body }) => ({ status: 400, body: { error: body.toString() } })],
  ["a malformed token", (received) => ({ body: { ...issued, ...quoting(received), token_type: token } })],
  ["a malformed lifetime", () => ({ body: { ...issued, expires_in: token } })],
  ["HTML", ({ body }) => ({ body: `<title>${body.toString()} ${token}</title>` })],
  ["a redirect", ({ body }) => ({ status: 302, headers: { location: `https://evil.test/?${body.toString()}` } })],
  ["a server error", (received) => ({ status: 500, body: quoting(received) })]
]

const assertionGrant: CreateOAuth2Options["grant"] = {
  type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  parameters: () => ({ assertion })
}

const sentRefreshToken = "rt-0b7e55c1d98f4a62"

const clients: ReadonlyArray<
  readonly [what: string, client: CreateOAuth2Options["client"], grant?: CreateOAuth2Options["grant"]]
> = [
  [
    "a refresh token",
    { id: "app", secret },
    { type: "refresh_token", id: "acme", refreshToken: () => sentRefreshToken, allowVolatile: true }
  ],
  ["client_secret_basic", { id: "app", secret }],
  ["client_secret_post", { id: "app", secret: async () => secret, method: "client_secret_post" }],
  ["private_key_jwt", { id: "app", privateKey: jwk }]
]

const everything = (value: unknown): string =>
  [
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part)) ?? "",
    String(value),
    isTokenkeepError(value) ? `${value.stack} ${value.message}` : ""
  ].join("\n")

/** Every form that a secret can take in what is printed. */
const secretsIn = (received: ReadonlyArray<Received>): ReadonlyArray<string> => [
  secret,
  encodeURIComponent(secret).replaceAll("-", "%2D"),
  token,
  refreshToken,
  sentRefreshToken,
  assertion,
  jwk.d ?? assert.fail(),
  ...received.flatMap(({ body, headers }) => [
    ...(headers.authorization === undefined ? [] : [headers.authorization.slice("Basic ".length)]),
    ...(body.get("client_assertion") === null ? [] : [body.get("client_assertion") ?? ""])
  ])
]

describe("SEC-1: no secret is printed", () => {
  for (const [how, client, grant = assertionGrant] of clients) {
    for (const [what, reply] of replies) {
      it(`with ${how}, after ${what}: in errors, events, the status, spans and causes`, async () => {
        await using server = await startHandMade({ token: reply, api: { status: 401 } })
        const events: Array<TokenEvent> = []
        const options: CreateOAuth2Options = {
          baseUrl: server.url,
          issuer: server.url,
          client,
          grant,
          tokenRequest: { tries: 1 },
          onTokenEvent: (event) => void events.push(event)
        }
        await using keep = createOAuth2(options)
        const outcome: unknown = await keep.fetch("/orders").catch((error: unknown) => error)

        class Api extends OAuth2.Service<Api>()("test/Api") {}
        const spans: Array<Tracer.Span> = []
        const tracer = Tracer.make({
          span: (spanOptions) => {
            const span = new Tracer.NativeSpan(spanOptions)
            spans.push(span)
            return span
          }
        })
        const exit = await Api.use((api) => api.request("/orders")).pipe(
          Effect.withSpan("program"),
          Effect.provide(Api.layerDefault(options)),
          Effect.withTracer(tracer),
          Effect.runPromiseExit
        )
        assert.isAbove(spans.length, 1)
        assert.isAbove(events.length, 1)
        const cause = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
        const printed = [outcome, events, keep.status(), spans, exit, keep].map(everything).join("\n") + cause
        assertNoSecrets(printed, secretsIn(server.received))
      })
    }
  }
})
