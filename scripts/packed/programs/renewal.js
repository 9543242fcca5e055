// Fetches a token, sends a request, and goes on when the token has expired. Node 22 does not parse `await using`.
import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"

const server = await startFakeDeeply()
const deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
try {
  const response = await deeply.fetch("/api/v1/events")
  console.log(response.status)
  server.expireTokens()
  console.log((await deeply.events.list({ size: 2 })).results.length, server.stats.issued)
} finally {
  await deeply.dispose()
  await server.close()
}
