import { Redis } from "ioredis"

/** The tokens of one grant, as an application stores them: a token response, and when the access token expires. */
export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  /** ISO 8601. */
  readonly expires_at: string
}

/** What the processes of a rival share: the tokens of each grant, as JSON in a Redis. */
export interface SharedTokens {
  readonly redis: Redis
  readonly load: (grant: string) => Promise<Tokens>
  readonly save: (grant: string, tokens: Tokens) => Promise<void>
  readonly close: () => void
}

export const sharedTokens = (url: string): SharedTokens => {
  // Commands wait while the Redis is down: that is the default of ioredis.
  const redis = new Redis(url)
  redis.on("error", () => undefined)
  return {
    redis,
    load: async (grant) => JSON.parse((await redis.get(`tokens:${grant}`)) ?? "null") as Tokens,
    save: async (grant, tokens) => void (await redis.set(`tokens:${grant}`, JSON.stringify(tokens))),
    close: () => redis.disconnect()
  }
}

/** What an application stores when a user has consented. */
export const consented = (refreshToken: string): Tokens => ({
  access_token: "",
  refresh_token: refreshToken,
  expires_at: new Date(0).toISOString()
})

/** Whether the access token still works, with time for the request. */
export const isFresh = ({ expires_at }: Tokens): boolean => Date.parse(expires_at) - Date.now() > 400
