import { assert, describe, it } from "@effect/vitest"
import { OAuth2, type OAuth2Options } from "@tokenkeep/oauth2"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { secret, startIssuer } from "./support/startIssuer.ts"

class Crm extends OAuth2.Service<Crm>()("app/Crm") {}
class Billing extends OAuth2.Service<Billing>()("app/Billing") {}

type Issuer = Awaited<ReturnType<typeof startIssuer>>

const optionsFor = ({ api, issuer }: Issuer, scope: string): OAuth2Options => ({
  baseUrl: api,
  issuer,
  client: { id: "app", secret: Effect.succeed(Redacted.make(secret)) },
  grant: { type: "client_credentials", scope }
})

const issuerInScope = Effect.acquireRelease(
  Effect.promise(() => startIssuer()),
  (issuer) => Effect.promise(() => issuer[Symbol.asyncDispose]())
)

const json = (response: Response) => Effect.promise(() => response.json() as Promise<unknown>)

describe("the Effect API", () => {
  it.live("two clients live in one program, each with its own API, scope and token", () =>
    Effect.gen(function* () {
      const issuer = yield* issuerInScope
      const program = Effect.gen(function* () {
        const crm = yield* Crm
        const billing = yield* Billing
        assert.deepStrictEqual(yield* json(yield* crm.request("/orders")), { client: "app", scope: "read" })
        const response = yield* Effect.promise(() => billing.fetch("/write/orders"))
        assert.deepStrictEqual(yield* json(response), { client: "app", scope: "write" })
        assert.notStrictEqual((yield* crm.tokens.get).id, (yield* billing.tokens.get).id)
        const error = yield* Effect.flip(crm.request("/write/orders"))
        assert.strictEqual(error.code, "FORBIDDEN")
        return crm.tokens.status().state
      })
      const clients = Layer.mergeAll(
        Crm.layer(optionsFor(issuer, "read")),
        Billing.layer(optionsFor(issuer, "write"))
      ).pipe(Layer.provide([FetchTransport.layer(), MemoryStorage.layer()]))
      assert.strictEqual(yield* Effect.provide(program, clients), "fresh")
      assert.strictEqual(issuer.tokenRequests(), 2)
    })
  )

  it.live("layerDefault brings a transport and a storage", () =>
    Effect.gen(function* () {
      const issuer = yield* issuerInScope
      const status = Effect.map(
        Crm.use((crm) => crm.request("/orders")),
        (response) => response.status
      )
      assert.strictEqual(yield* Effect.provide(status, Crm.layerDefault(optionsFor(issuer, "read"))), 200)
    })
  )

  it.live("CLIENT_REJECTED can be caught by its reason", () =>
    Effect.gen(function* () {
      const issuer = yield* issuerInScope
      const options = { ...optionsFor(issuer, "read"), client: { id: "app", secret: "wr0ng-s3cr3t" } }
      const program = Crm.use((crm) => crm.tokens.get).pipe(
        Effect.as("accepted"),
        Effect.catchReason("TokenkeepError", "ClientRejected", ({ retryAt }) => Effect.succeed(typeof retryAt)),
        Effect.provide(Crm.layerDefault(options))
      )
      assert.strictEqual(yield* program, "number")
    })
  )
})
