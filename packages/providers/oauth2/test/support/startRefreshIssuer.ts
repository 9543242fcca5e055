import { Provider } from "oidc-provider"
import { listen, type TestServer } from "./listen.ts"
import { MemoryAdapter } from "./MemoryAdapter.ts"

export const secret = "s3cr3t-2f6c1d8e7b3a4950"

/** How the server treats a refresh token that is used twice. */
export interface RefreshIssuerOptions {
  /** How long an access token lasts, in seconds. */
  readonly lifetime?: number
  /** For how many further uses a refresh token is accepted: each gives another one that is valid. */
  readonly hiddenUses?: number
  readonly port?: number
}

/** The adapter of a server with a grace period: it hides that a refresh token was used. */
const forgivingAdapter = (hiddenUses: number) => {
  const uses = new Map<string, number>()
  return class extends MemoryAdapter {
    override async consume(id: string): Promise<void> {
      uses.set(id, (uses.get(id) ?? 0) + 1)
      if ((uses.get(id) ?? 0) > hiddenUses) await super.consume(id)
    }
  }
}

/** An API that accepts the issuer's tokens. */
const startApi = (provider: Provider): Promise<TestServer> =>
  listen(async ({ headers }, response) => {
    const token = await provider.AccessToken.find((headers.authorization ?? "").slice("Bearer ".length))
    if (token === undefined || token.isExpired) {
      const challenge = 'Bearer realm="api", error="invalid_token", error_description="The access token expired"'
      return void response.writeHead(401, { "www-authenticate": challenge }).end()
    }
    response.end(JSON.stringify({ scope: token.scope }))
  })

/**
 * The certified server oidc-provider, which replaces a refresh token at each use, and revokes the whole consent if one is
 * used twice; with an API that accepts its tokens.
 */
export const startRefreshIssuer = async ({ hiddenUses = 0, lifetime = 3_600 }: RefreshIssuerOptions = {}) => {
  const server = await listen()
  const issuer = server.url
  const provider = new Provider(issuer, {
    adapter: hiddenUses === 0 ? MemoryAdapter : forgivingAdapter(hiddenUses),
    clients: [
      {
        client_id: "app",
        client_secret: secret,
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: ["https://app.example.test/callback"],
        response_types: ["code"]
      }
    ],
    scopes: ["openid", "offline_access", "read", "write"],
    ttl: { AccessToken: lifetime, RefreshToken: 86_400, Grant: 86_400 },
    rotateRefreshToken: true,
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: { devInteractions: { enabled: false } }
  })
  const events: Array<string> = []
  /** How often each refresh token was received. */
  const uses = new Map<string, number>()
  const count = (outcome: string) => (context: { readonly oidc: { readonly params?: { refresh_token?: string } } }) => {
    const token = context.oidc.params?.refresh_token ?? "none"
    uses.set(token, (uses.get(token) ?? 0) + 1)
    events.push(outcome)
  }
  provider.on("grant.success", count("exchanged"))
  provider.on("grant.error", count("rejected"))
  provider.on("grant.revoked", () => events.push("revoked"))

  /** What happens to the next responses of the token endpoint: they are lost after the server has done its work. */
  let lose = 0
  const callback = provider.callback()
  server.handle((request, response) => {
    if (request.url === "/token" && lose > 0) {
      lose -= 1
      response.end = () => response.destroy()
    }
    callback(request, response)
  })
  const api = await startApi(provider)
  return {
    issuer,
    api: api.url,
    /** What happened at the token endpoint, in order. */
    events,
    uses,
    rotations: () => events.filter((event) => event === "exchanged").length,
    loseNextResponses: (times: number) => {
      lose = times
    },
    /** A user consents; returns the first refresh token. */
    consent: async (accountId = "user") => {
      const grant = new provider.Grant({ accountId, clientId: "app" })
      grant.addOIDCScope("read write")
      const grantId = await grant.save()
      const client = await provider.Client.find("app")
      const fields = { client, accountId, grantId, scope: "read write", gty: "authorization_code" }
      return { grantId, refreshToken: await new provider.RefreshToken(fields).save() }
    },
    /** The user withdraws the consent. */
    withdraw: async (grantId: string) => (await provider.Grant.find(grantId))?.destroy(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server[Symbol.asyncDispose](), api[Symbol.asyncDispose]()])
    }
  }
}
