import { memoize } from "@smithy/property-provider"
import { type CreateRival, initOf, requestToken, statusOf } from "../src/race/Rival.ts"

/** The memoizer of the AWS SDK with its window of 5 minutes; the request and the renewal after a 401 are written by hand. */
export const create: CreateRival = (options) => {
  const token = memoize(
    () => requestToken(options),
    ({ expiresAt }) => expiresAt - Date.now() < 300_000,
    () => true
  )
  const sendWith = (used: string, path: string, body?: string) =>
    fetch(options.base + path, initOf(body, { authorization: `Bearer ${used}` }))
  return {
    token: () => token(),
    send: async (path, body) => {
      const response = await sendWith((await token()).token, path, body)
      if (response.status !== 401) return statusOf(response)
      return statusOf(await sendWith((await token({ forceRefresh: true })).token, path, body))
    }
  }
}
