// Pages through the events of a Deeply API: the fake one, or a real one where DEEPLY_API_KEY is set.
import { createDeeply, isAuthError } from "tokenkeep"
import { startFakeDeeply } from "tokenkeep/testing"
import { advice } from "./advice.ts"
import { readEvents } from "./readEvents.ts"
import { showErrors } from "./showErrors.ts"

const server = process.env["DEEPLY_API_KEY"] ? undefined : await startFakeDeeply()
const deeply = createDeeply(server && { apiKey: server.apiKey, host: server.host })

try {
  console.log(`reading from ${server ? "the fake server" : deeply.host.baseUrl}`)
  await readEvents(deeply)
  if (server) await showErrors(deeply, server)
} catch (error) {
  // Anything else is a bug, and may end the process with its stack.
  if (!isAuthError(error)) throw error
  console.log(advice(error))
  process.exitCode = 1
} finally {
  await deeply.dispose()
  await server?.close()
}
console.log(`the client is ${deeply.status().state}`)
