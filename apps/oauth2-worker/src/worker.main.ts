// One of several processes that share a refresh token through Redis.
import { createOAuth2, isTokenkeepError } from "@tokenkeep/oauth2"
import { RedisStorage } from "@tokenkeep/storage-redis"
import { setTimeout as sleep } from "node:timers/promises"
import type { WorkerResult } from "./messages.ts"

const { API_URL = "", CLIENT_SECRET, ISSUER_URL, REDIS_URL = "redis://127.0.0.1:6379", REFRESH_TOKEN } = process.env

const crm = createOAuth2({
  baseUrl: API_URL,
  issuer: ISSUER_URL,
  client: { id: "app", secret: CLIENT_SECRET },
  grant: { type: "refresh_token", id: "user-1", refreshToken: REFRESH_TOKEN },
  storage: RedisStorage.layer({ url: REDIS_URL }),
  // In production from your secrets: it encrypts the refresh token in Redis.
  encryptionKey: "a key for this example, of 32 characters or more"
})

const failures: Array<string> = []
const request = async (): Promise<void> => {
  try {
    const response = await crm.fetch("/orders")
    if (!response.ok) failures.push(`status ${response.status}`)
  } catch (error) {
    failures.push(isTokenkeepError(error) ? `${error.code}: ${error.message}` : String(error))
  }
}

// About 8 s, so that access tokens of 2 s are renewed a few times.
let requests = 0
while (requests < 80 && failures.length === 0) {
  await request()
  requests += 1
  await sleep(100)
}
await crm.dispose()
process.send?.({ requests, failures } satisfies WorkerResult)
process.disconnect?.()
