import type { IncomingMessage, ServerResponse } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { digestOf } from "./digestOf.ts"
import { listen, type TestServer } from "./listen.ts"
import { MemoryAdapter } from "./MemoryAdapter.ts"
import { Provider, type StoredToken, type TokenContext } from "./oidcProvider.ts"

export const secret = "s3cr3t-2f6c1d8e7b3a4950"

export interface RefreshIssuerOptions {
  /** How long an access token lasts, in seconds. */
  readonly lifetime?: number
  /**
   * How long a refresh token is accepted after its first use, in milliseconds: each use gives another one that is valid.
   * By default, a second use revokes the consent.
   */
  readonly grace?: number
  /** How long the token endpoint takes, in milliseconds: one half before it does its work, the other one after it. */
  readonly latency?: number
  /** The public key of another client, `signer`, which authenticates with assertions. */
  readonly signerKey?: JsonWebKey
}

/** One use of a refresh token. */
export interface TokenUse {
  readonly token: string
  /** When the request was received, in epoch milliseconds. */
  readonly at: number
  readonly outcome: "exchanged" | "rejected"
  /** The next refresh token. */
  readonly successor: string | undefined
  /** Whether the response was cut. */
  readonly isResponseLost: boolean
}

/** The adapter of a server with a grace period: it hides for that time that a refresh token was used. */
const forgivingAdapter = (grace: number) => {
  const usedAt = new Map<string, number>()
  return class extends MemoryAdapter {
    override async consume(id: string): Promise<void> {
      if (!usedAt.has(id)) usedAt.set(id, performance.now())
    }

    override async find(id: string) {
      if (performance.now() - (usedAt.get(id) ?? Infinity) > grace) await super.consume(id)
      return super.find(id)
    }
  }
}

/** Without one, the server warns that it uses a key that everyone knows. */
const signingKey = async () => {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"])
  return crypto.subtle.exportKey("jwk", privateKey)
}

const basics = {
  grant_types: ["authorization_code", "refresh_token"],
  redirect_uris: ["https://app.example.test/callback"],
  response_types: ["code"],
  id_token_signed_response_alg: "ES256"
}

/** The server counts whole seconds, rounded down: its own check can refuse a token a second before the stated time. */
const isExpired = ({ exp }: StoredToken): boolean => Date.now() >= (exp + 1) * 1_000

/** An API that accepts the issuer's tokens, and each of them for as long as the issuer stated. */
const startApi = (provider: Provider): Promise<TestServer> =>
  listen(async ({ headers }, response) => {
    const sent = (headers.authorization ?? "").slice("Bearer ".length)
    const token = await provider.AccessToken.find(sent, { ignoreExpiration: true })
    if (token === undefined || isExpired(token)) {
      const challenge = 'Bearer realm="api", error="invalid_token", error_description="The access token expired"'
      return void response.writeHead(401, { "www-authenticate": challenge }).end()
    }
    response.end(JSON.stringify({ scope: token.scope }))
  })

/**
 * The certified server oidc-provider, which replaces a refresh token at each use, and revokes the whole consent if one is
 * used twice; with an API that accepts its tokens.
 */
export const startRefreshIssuer = async ({
  grace = 0,
  latency = 0,
  lifetime = 3_600,
  signerKey
}: RefreshIssuerOptions = {}) => {
  const server = await listen()
  const issuer = server.url
  const provider = new Provider(issuer, {
    adapter: grace === 0 ? MemoryAdapter : forgivingAdapter(grace),
    clients: [
      { ...basics, client_id: "app", client_secret: secret },
      ...(signerKey === undefined
        ? []
        : [
            {
              ...basics,
              client_id: "signer",
              token_endpoint_auth_method: "private_key_jwt",
              jwks: { keys: [signerKey] }
            }
          ])
    ],
    jwks: { keys: [await signingKey()] },
    scopes: ["openid", "offline_access", "read", "write"],
    ttl: { AccessToken: lifetime, RefreshToken: 86_400, Grant: 86_400 },
    rotateRefreshToken: true,
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ scope: "read write", accessTokenFormat: "opaque" })
      }
    }
  })
  const events: Array<string> = []
  const uses: Array<TokenUse> = []
  const revoked = new Set<string>()
  /** When each request was received, and whether its response will be lost. */
  const requests = new WeakMap<IncomingMessage, { readonly at: number; readonly isResponseLost: boolean }>()

  const log = (outcome: TokenUse["outcome"]) => (context: TokenContext) => {
    const token = context.oidc.params?.refresh_token
    // A request that ended before it was read.
    if (token === undefined) return
    const request = requests.get(context.req)
    const next = outcome === "exchanged" ? context.body?.refresh_token : undefined
    uses.push({
      token: digestOf(token),
      at: request?.at ?? Date.now(),
      outcome,
      successor: next === undefined ? undefined : digestOf(next),
      isResponseLost: request?.isResponseLost === true
    })
    events.push(outcome)
  }
  provider.on("grant.success", log("exchanged"))
  provider.on("grant.error", log("rejected"))
  provider.on("grant.revoked", (_, grantId) => {
    revoked.add(grantId)
    events.push("revoked")
  })

  /** How many of the next responses of the token endpoint are lost after the server has done its work. */
  let lose = 0
  const callback = provider.callback()

  const respondToken = async (request: IncomingMessage, response: ServerResponse) => {
    const isResponseLost = lose > 0
    if (isResponseLost) lose -= 1
    requests.set(request, { at: Date.now(), isResponseLost })
    const end = response.end.bind(response) as (...args: ReadonlyArray<unknown>) => ServerResponse
    response.end = (...args: ReadonlyArray<unknown>) => {
      const respond = () => void (isResponseLost ? response.destroy() : end(...args))
      if (latency > 0) setTimeout(respond, latency / 2)
      else respond()
      return response
    }
    if (latency > 0) await sleep(latency / 2)
    callback(request, response)
  }
  server.handle((request, response) =>
    request.url === "/token" ? respondToken(request, response) : callback(request, response)
  )
  const api = await startApi(provider)
  return {
    issuer,
    api: api.url,
    /** What happened at the token endpoint, in order. */
    events,
    /** Every use of a refresh token, in order. */
    uses,
    rotations: () => uses.filter(({ outcome }) => outcome === "exchanged").length,
    loseNextResponses: (times: number) => {
      lose = times
    },
    /** A user consents; returns the first refresh token. */
    consent: async (accountId = "user", clientId = "app") => {
      const grant = new provider.Grant({ accountId, clientId })
      grant.addOIDCScope("read write")
      const grantId = await grant.save()
      const client = await provider.Client.find(clientId)
      const fields = { client, accountId, grantId, scope: "read write", gty: "authorization_code" }
      return { grantId, refreshToken: await new provider.RefreshToken(fields).save() }
    },
    /** A user consents on the page of an authorization URL; returns the code that the redirect carries. */
    authorize: async ({ searchParams }: URL, accountId = "user") => {
      const { client_id, code_challenge, redirect_uri, resource, scope = "" } = Object.fromEntries(searchParams)
      const client = await provider.Client.find(client_id ?? "")
      const grant = new provider.Grant({ accountId, clientId: client_id })
      grant.addOIDCScope(scope)
      if (resource !== undefined) grant.addResourceScope(resource, scope)
      const grantId = await grant.save()
      const pkce = { codeChallenge: code_challenge, codeChallengeMethod: searchParams.get("code_challenge_method") }
      const fields = { client, accountId, grantId, scope, resource, redirectUri: redirect_uri, ...pkce }
      return { grantId, code: await new provider.AuthorizationCode(fields).save() }
    },
    /** The user withdraws the consent. */
    withdraw: async (grantId: string) => (await provider.Grant.find(grantId))?.destroy(),
    /** Whether the server revoked the consent, because a refresh token was used twice. */
    isRevoked: (grantId: string) => revoked.has(grantId),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server[Symbol.asyncDispose](), api[Symbol.asyncDispose]()])
    }
  }
}

export type RefreshIssuer = Awaited<ReturnType<typeof startRefreshIssuer>>
