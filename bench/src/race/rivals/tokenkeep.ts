import { createDeeply, createDeeplyPool } from "tokenkeep"
import { FileStorage } from "tokenkeep/file"
import { createOAuth2 } from "tokenkeep/oauth2"
import { RedisStorage } from "tokenkeep/redis"
import { UndiciTransport } from "tokenkeep/undici"
import { type CreateRival, initOf, type Rival, type RivalOptions, statusOf } from "../Rival.ts"

/** The default of 10 token requests at once is meant for programs that do not revoke tokens all the time. */
const budget = { burst: 10_000, perSecond: 10_000 }

interface Client {
  readonly token: () => Promise<unknown>
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  readonly dispose: () => Promise<void>
}

const asRival = (client: Client): Rival => ({
  token: client.token,
  send: async (path, body) =>
    statusOf(await (body === undefined ? client.fetch(path) : client.fetch(path, initOf(body)))),
  close: client.dispose
})

const deeply = ({ base, key }: RivalOptions) => ({ apiKey: key, host: base, budget })

/** The Deeply API does not say when a token expires. */
export const create: CreateRival = (options) => asRival(createDeeply(deeply(options)))

/** `peek` returns the token without a promise. */
export const createPeek: CreateRival = (options) => {
  const client = createDeeply(deeply(options))
  return { ...asRival(client), token: client.peek }
}

/** Client credentials, for tokens that say when they expire. */
export const createWithExpiry: CreateRival = ({ base, key }) =>
  asRival(
    createOAuth2({
      baseUrl: base,
      tokenEndpoint: `${base}/token`,
      client: { id: "app", secret: key },
      grant: { type: "client_credentials" },
      budget
    })
  )

export const createOverUndici: CreateRival = (options) =>
  asRival(createDeeply({ ...deeply(options), transport: UndiciTransport.layer() }))

/** Shares the token with other processes. */
export const createShared: CreateRival = (options) => {
  const { storage = "" } = options
  const layer = storage.startsWith("redis:")
    ? RedisStorage.layer({ url: storage })
    : FileStorage.layer({ directory: storage })
  return asRival(createDeeply({ ...deeply(options), storage: layer }))
}

let pool: ReturnType<typeof createDeeplyPool> | undefined

/** One of the clients of a pool. */
export const createInPool: CreateRival = ({ base, key }) =>
  asRival((pool ??= createDeeplyPool({ apiKey: (id) => id, host: base, budget, maxOpen: 100_000 })).client(key))
