// The main job, shown: against the fake Deeply API, or a real one where DEEPLY_API_KEY and DEEPLY_HOST are set.
// With `--fleet 8`: that many processes that share one token, on a file; with `--redis` on a Redis: REDIS_URL, or its own.
import { createDeeply, Deeply, isAuthError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Effect from "effect/Effect"
import { parseArgs } from "node:util"
import { effectDoor, revokedKey } from "./effectDoor.ts"
import { showFleet } from "./fleet/fleet.ts"
import { expireUnderLoad, listEvents } from "./promiseDoor.ts"
import { renewInTime } from "./renewal.ts"
import * as Report from "./Report.ts"
import { showErrors } from "./threeErrors.ts"
import { readByType, stopEarly, waitInLine } from "./typedClient.ts"

const againstFake = async (): Promise<void> => {
  // 100 requests at once are more than the documented limits allow, so they are off here.
  await using server = await startFakeDeeply({ rateLimits: false })
  const options = { apiKey: server.apiKey, host: server.host }
  await using deeply = createDeeply(options)
  Report.title("Tokenkeep", `the fake Deeply API at ${server.url}`)

  Report.section("The promise door")
  await listEvents(deeply)
  await expireUnderLoad(deeply, server)
  await renewInTime()

  Report.section("The typed client")
  await readByType(deeply)
  await stopEarly()
  await waitInLine()

  Report.section("The three authorization errors, told apart")
  await showErrors(deeply, server)

  Report.section("The Effect door")
  await Effect.runPromise(
    Effect.andThen(effectDoor, revokedKey(server)).pipe(Effect.provide(Deeply.layerDefault(options)))
  )

  const { apiKeyLeaks, issueCalls, requests } = server.stats
  Report.closing(
    `The API key went to the issue endpoint ${issueCalls} times, to ${requests} other requests ${apiKeyLeaks} times.`
  )
  if (apiKeyLeaks > 0) Report.failed("the API key must never go elsewhere")
}

const againstRealHost = async (): Promise<void> => {
  await using deeply = createDeeply()
  Report.title("Tokenkeep", `the Deeply API at ${deeply.host.baseUrl}`)
  Report.section("The promise door")
  await listEvents(deeply)
  Report.section("The typed client")
  await readByType(deeply)
  Report.section("The Effect door")
  await Effect.runPromise(Effect.provide(effectDoor, Deeply.layerDefault()))
  Report.closing("Expiry under load and the error cases need the fake server: unset DEEPLY_API_KEY to see them.")
}

const { values } = parseArgs({
  options: { fleet: { type: "string" }, redis: { type: "boolean" }, seconds: { type: "string" } }
})

try {
  const { DEEPLY_API_KEY, DEEPLY_HOST } = process.env
  if (values.fleet !== undefined) {
    const seconds = Number(values.seconds ?? 12)
    await showFleet({ size: Number(values.fleet), on: values.redis === true ? "redis" : "file", seconds })
  } else await (DEEPLY_API_KEY && DEEPLY_HOST ? againstRealHost() : againstFake())
} catch (error) {
  if (!isAuthError(error)) throw error
  Report.failed(`${error.code}: ${error.message} See ${error.docs}`)
}
