import { errors, listen, MemoryAdapter, Provider, type StoredToken, type TestServer } from "oauth2-issuer"

export const secret = "s3cr3t-2f6c1d8e7b3a4950"
export const postSecret = "p0st-s3cr3t-2f6c1d8e7b3a"
export const resource = "https://orders.example.test/"

const jwkPair = async (algorithm: EcKeyGenParams | { readonly name: "Ed25519" }, kid: string) => {
  const pair = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair
  const [privateJwk, publicJwk] = await Promise.all([
    crypto.subtle.exportKey("jwk", pair.privateKey),
    crypto.subtle.exportKey("jwk", pair.publicKey)
  ])
  return { ...pair, privateJwk: { ...privateJwk, kid }, publicJwk: { ...publicJwk, kid } }
}

const basics = {
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
  id_token_signed_response_alg: "ES256"
}

/**
 * The certified server oidc-provider on a real port, with one client for each method of authentication, and an API on
 * another port that accepts its tokens.
 */
export const startIssuer = async ({ lifetime = 3_600 }: { readonly lifetime?: number } = {}) => {
  const server = await listen()
  const signing = await jwkPair({ name: "ECDSA", namedCurve: "P-256" }, "first")
  const issuer = server.url
  const provider = new Provider(issuer, {
    adapter: MemoryAdapter,
    clients: [
      { ...basics, client_id: "app", client_secret: secret, scope: "read write" },
      {
        ...basics,
        client_id: "poster",
        client_secret: postSecret,
        scope: "read",
        token_endpoint_auth_method: "client_secret_post"
      },
      {
        ...basics,
        client_id: "signer",
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [signing.publicJwk] }
      }
    ],
    scopes: ["read", "write"],
    ttl: { ClientCredentials: lifetime },
    jwks: { keys: [(await jwkPair({ name: "ECDSA", namedCurve: "P-256" }, "server")).privateJwk] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_: unknown, requested: string) => {
          if (requested !== resource) throw new errors.InvalidTarget()
          return { scope: "read write", audience: requested, accessTokenTTL: lifetime, accessTokenFormat: "opaque" }
        }
      }
    }
  })
  const seen: Array<string> = []
  const callback = provider.callback()
  server.handle((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    callback(request, response)
  })

  const api = await startApi(provider)
  return {
    issuer,
    api: api.url,
    /** The requests that the issuer received. */
    seen,
    tokenRequests: () => seen.filter((line) => line === "POST /token").length,
    signing,
    revoke: async (token: string) => (await provider.ClientCredentials.find(token))?.destroy(),
    find: (token: string) => provider.ClientCredentials.find(token),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server[Symbol.asyncDispose](), api[Symbol.asyncDispose]()])
    }
  }
}

const bearer = (parameters: string) => ({ "www-authenticate": `Bearer realm="api", ${parameters}` })

const checked = (token: StoredToken | undefined, path: string): readonly [status: number, headers: object] => {
  if (token === undefined || token.isExpired) {
    return [401, bearer('error="invalid_token", error_description="The access token expired"')]
  }
  if (path.startsWith("/write") && !(token.scope ?? "").split(" ").includes("write")) {
    return [403, bearer('error="insufficient_scope", scope="write"')]
  }
  return [200, {}]
}

/** An API that accepts the issuer's tokens: RFC 6750. */
const startApi = (provider: Provider): Promise<TestServer> =>
  listen(async ({ headers, url = "/" }, response) => {
    const token = await provider.ClientCredentials.find((headers.authorization ?? "").slice("Bearer ".length))
    const [status, more] = checked(token, url)
    response.writeHead(status, { ...more }).end(JSON.stringify({ client: token?.clientId, scope: token?.scope }))
  })
