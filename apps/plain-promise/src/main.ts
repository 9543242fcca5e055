// Reads the events of the Deeply API. Without DEEPLY_API_KEY it uses a fake API.
import { createDeeply, isTokenkeepError } from "tokenkeep"
import { startFakeDeeply } from "tokenkeep/testing"
import { advice } from "./advice.ts"
import { causeErrors } from "./causeErrors.ts"
import { countLabel, readPages } from "./readEvents.ts"

const server = process.env["DEEPLY_API_KEY"] ? undefined : await startFakeDeeply()
// Without options, the client reads DEEPLY_API_KEY and DEEPLY_HOST.
const deeply = createDeeply(server && { apiKey: server.apiKey, host: server.host })

try {
  console.log(`reading from ${server ? "the fake API" : deeply.host.baseUrl}`)
  await readPages(deeply)
  await countLabel(deeply, "Female scream")
  if (server) await causeErrors(deeply, server)
} catch (error) {
  // Any other error is a bug: let it end the process with its stack trace.
  if (!isTokenkeepError(error)) throw error
  console.log(advice(error))
  process.exitCode = 1
} finally {
  await deeply.dispose()
  await server?.close()
}
console.log(`the client is ${deeply.status().state}`)
