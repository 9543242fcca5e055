import * as client from "openid-client"
import { Mutex } from "redis-semaphore"
import { fetchWith, type Rival, type RivalOptions } from "./Rival.ts"
import { isFresh, type Tokens } from "./SharedTokens.ts"

const discover = ({ clientId, clientSecret, issuer }: RivalOptions) =>
  client.discovery(new URL(issuer), clientId, clientSecret, undefined, { execute: [client.allowInsecureRequests] })

/** The stored tokens; if the access token has expired, they are refreshed and stored. */
const currentTokens = async ({ grant, tokens }: RivalOptions, config: client.Configuration): Promise<Tokens> => {
  const stored = await tokens.load(grant)
  // Another process has refreshed it.
  if (isFresh(stored)) return stored
  const response = await client.refreshTokenGrant(config, stored.refresh_token)
  const next: Tokens = {
    access_token: response.access_token,
    refresh_token: response.refresh_token ?? stored.refresh_token,
    expires_at: new Date(Date.now() + (response.expiresIn() ?? 0) * 1_000).toISOString()
  }
  await tokens.save(grant, next)
  return next
}

/** The cached tokens of this process, which come from `renewed` when they have expired. */
const withCache = (options: RivalOptions, renewed: (config: client.Configuration) => Promise<Tokens>) => {
  let config: client.Configuration | undefined
  let cached: Tokens | undefined
  return async (url: string): Promise<Response> => {
    config ??= await discover(options)
    if (cached === undefined || !isFresh(cached)) cached = await renewed(config)
    return fetchWith(url, cached.access_token)
  }
}

/** openid-client with a cache written by hand: in memory, and in the Redis. */
export const openidClient: Rival = (options) => withCache(options, (config) => currentTokens(options, config))

/** The same, under a lock of the Redis that ends after 10 s if its owner does not extend it. */
export const openidClientWithLock: Rival = (options) =>
  withCache(options, async (config) => {
    const mutex = new Mutex(options.tokens.redis, options.grant, {
      lockTimeout: 10_000,
      acquireTimeout: 15_000,
      onLockLost: () => undefined
    })
    await mutex.acquire()
    try {
      return await currentTokens(options, config)
    } finally {
      await mutex.release()
    }
  })
