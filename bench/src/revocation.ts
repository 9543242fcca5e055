import type { DeeplyClient } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"

const inFlight = 200

/**
 * Revokes the token while 200 requests are in flight. Counts the token requests, the failures and the requests that
 * were sent again.
 */
export const revocation = async (
  clientOf: (host: string) => DeeplyClient
): Promise<readonly [issued: number, failed: number, replayed: number]> => {
  await using server = await startFakeDeeply({ apiKey: "bench-key-2f6c1d9a", rateLimits: false, latency: 20 })
  await using client = clientOf(server.url)
  await client.token()
  const before = server.stats
  const responses = Array.from({ length: inFlight }, async () => {
    const response = await client.fetch("/api/v1/events")
    await response.text()
    return response.status
  })
  server.revokeTokens()
  const statuses = await Promise.all(responses)
  const { issued, requests } = server.stats
  const renewed = issued - before.issued
  const replayed = requests - before.requests - renewed - inFlight
  return [renewed, statuses.filter((status) => status !== 200).length, replayed]
}
