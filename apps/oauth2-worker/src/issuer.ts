// A certified OAuth2 server and an API that accepts its tokens. It replaces a refresh token at each use, and ends the
// consent if one is used twice.
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
// @ts-expect-error The package has no types.
import { Provider } from "oidc-provider"

interface Stored {
  readonly grantId?: string
}

/** Where the server stores what it issues. */
class Adapter {
  readonly #entries = new Map<string, Stored>()
  upsert = async (id: string, stored: Stored) => void this.#entries.set(id, stored)
  find = async (id: string) => this.#entries.get(id)
  destroy = async (id: string) => void this.#entries.delete(id)
  consume = async (id: string) => void this.#entries.set(id, Object.assign({ consumed: 1 }, this.#entries.get(id)))
  revokeByGrantId = async (grantId: string) => {
    for (const [id, stored] of this.#entries) if (stored.grantId === grantId) this.#entries.delete(id)
  }
}

const listen = async (listener: RequestListener) => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

const client = {
  client_id: "app",
  client_secret: "s3cr3t-2f6c1d8e7b3a4950",
  grant_types: ["authorization_code", "refresh_token"],
  redirect_uris: ["https://app.example.test/callback"],
  response_types: ["code"]
}

/** Starts both; the access tokens last for 2 s. */
export const startIssuer = async () => {
  let handle: RequestListener = (_, response) => void response.end()
  const server = await listen((request, response) => handle(request, response))
  const provider = new Provider(server.url, {
    adapter: Adapter,
    clients: [client],
    scopes: ["offline_access", "orders"],
    ttl: { AccessToken: 2, RefreshToken: 86_400, Grant: 86_400 },
    rotateRefreshToken: true,
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: { devInteractions: { enabled: false } }
  })
  handle = provider.callback()

  const used: Array<string> = []
  provider.on("grant.success", (context: any) => used.push(context.oidc.params.refresh_token))
  provider.on("grant.error", (context: any) => used.push(context.oidc.params.refresh_token))

  const api = await listen(async (request, response) => {
    const token = await provider.AccessToken.find(request.headers.authorization?.slice("Bearer ".length) ?? "")
    const isGood = token !== undefined && !token.isExpired
    if (!isGood) response.writeHead(401, { "www-authenticate": 'Bearer error="invalid_token"' })
    response.end(JSON.stringify({ orders: isGood ? 3 : 0 }))
  })

  /** A user consents: in an application, this is the end of the sign-in. */
  const consent = async (accountId: string): Promise<string> => {
    const grant = new provider.Grant({ accountId, clientId: client.client_id })
    grant.addOIDCScope("orders")
    const fields = { accountId, grantId: await grant.save(), scope: "orders", gty: "authorization_code" }
    return new provider.RefreshToken({ ...fields, client: await provider.Client.find(client.client_id) }).save()
  }

  return {
    issuer: server.url,
    api: api.url,
    secret: client.client_secret,
    consent,
    /** Every refresh token that was used, in order. */
    used,
    close: () => [server, api].forEach(({ close }) => close())
  }
}
