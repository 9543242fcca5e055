import { generateKeyPairSync } from "node:crypto"
import { providerContract } from "@tokenkeep/conformance"
import { testContract } from "@tokenkeep/conformance/vitest"
import type { OAuth2Options, PrivateKey } from "@tokenkeep/oauth2"
import { importPrivateKey } from "../src/client/importPrivateKey.ts"
import { resolveOptions } from "../src/options/resolveOptions.ts"
import * as Effect from "effect/Effect"
import { sourcesFor } from "./support/sourcesFor.ts"

const base: OAuth2Options = {
  baseUrl: "https://api.example.test/v2",
  tokenEndpoint: "https://login.example.test/oauth/token",
  client: { id: "app", secret: () => undefined },
  grant: { type: "client_credentials", scope: "read" }
}

const challenge = (text: string) => ({ status: 401, headers: { "www-authenticate": text } })

const documented = {
  issued: {
    status: 200,
    body: { access_token: "at-5e1f09d7c2", token_type: "Bearer", expires_in: 3_600 },
    token: "at-5e1f09d7c2",
    lifetime: 3_600_000
  },
  keyRejected: { status: 401, body: { error: "invalid_client" } },
  expired: challenge('Bearer realm="api", error="invalid_token", error_description="The access token expired"'),
  invalid: challenge('Bearer realm="api", error="invalid_token"'),
  limited: { status: 429, body: { error: "too_many_requests" } }
}

const clientSecrets: ReadonlyArray<readonly [name: string, options: Partial<OAuth2Options>]> = [
  ["client_secret_basic", {}],
  ["client_secret_post", { client: { ...base.client, method: "client_secret_post" } }],
  [
    "another grant",
    {
      grant: { type: "urn:ietf:params:oauth:grant-type:jwt-bearer", parameters: { assertion: "a.b.c" } },
      resource: ["https://orders.example.test/", "urn:example:stock"],
      audience: "orders",
      parameters: { organization: "acme" }
    }
  ]
]

for (const [name, options] of clientSecrets) {
  testContract(providerContract({ ...documented, name, provider: resolveOptions({ ...base, ...options }).provider }))
}

testContract(
  providerContract({
    ...documented,
    name: "with discovery",
    provider: resolveOptions({ ...base, issuer: "https://login.example.test", tokenEndpoint: undefined }).provider,
    deterministic: false,
    earlierResponse: (url) =>
      url.includes("/.well-known/")
        ? {
            status: 200,
            body: { issuer: "https://login.example.test", token_endpoint: "https://tokens.example.test/token" }
          }
        : undefined
  })
)

const privateKey = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }) as PrivateKey & {
  readonly d: string
}
const signing = resolveOptions({ ...base, client: { id: "app", privateKey } })
// A provider knows its keys from its own source, which a client reads before each token request.
await Effect.runPromise(sourcesFor(signing))

testContract(
  providerContract({
    ...documented,
    name: "private_key_jwt",
    provider: signing.provider,
    deterministic: false,
    apiKey: (await importPrivateKey(privateKey)).fingerprint,
    secrets: [privateKey.d]
  })
)
