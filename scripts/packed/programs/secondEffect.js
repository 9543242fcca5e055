// Passes an API key that another copy of effect has wrapped: directly, then from a function, then with the right copy.
import { createDeeply, isTokenkeepError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Redacted from "effect/Redacted"
import { redacted } from "vault"

const print = (error) =>
  console.log(isTokenkeepError(error), error.code, error.reason.option, /another copy of effect/.test(error.message))
const server = await startFakeDeeply()
try {
  createDeeply({ apiKey: redacted(server.apiKey), host: server.host })
} catch (error) {
  print(error)
}
for (const apiKey of [() => redacted(server.apiKey), Redacted.make(server.apiKey)]) {
  const deeply = createDeeply({ apiKey, host: server.host })
  await deeply.fetch("/api/v1/events").then(({ status }) => console.log(status), print)
  await deeply.dispose()
}
await server.close()
