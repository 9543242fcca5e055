// Shows what Tokenkeep does, with a fake Deeply API, or with a real one if DEEPLY_API_KEY and DEEPLY_HOST are set.
// `--fleet 8` shows eight processes that share one token through files, or with `--redis` through Redis (REDIS_URL, or
// one that the demo starts). `--console` shows such a fleet on a page, with buttons for faults; `--port 8200` sets its
// port. `--seconds 12` sets how long.
import { createDeeply, Deeply, isTokenkeepError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Effect from "effect/Effect"
import { parseArgs } from "node:util"
import { showAuthorizationErrors } from "./authorizationErrors.ts"
import { showConsole } from "./console/showConsole.ts"
import { showRevokedKey, useEffectApi } from "./effectApi.ts"
import { showFleet } from "./fleet.ts"
import { expireUnderLoad, listEvents } from "./promiseApi.ts"
import { renewInTime } from "./renewal.ts"
import { OptionError, readNumber } from "./readOption.ts"
import * as Report from "./report.ts"
import { readPage, respectRateLimit, stopEarly } from "./typedClient.ts"

const demonstrate = async (): Promise<void> => {
  // Without rate limits, because the API's limits do not allow 100 requests at once.
  await using server = await startFakeDeeply({ rateLimits: false })
  const options = { apiKey: server.apiKey, host: server.host }
  await using deeply = createDeeply(options)
  Report.title("Tokenkeep", `with a fake Deeply API at ${server.url}`)

  Report.section("Promise API: fetch with a token")
  await listEvents(deeply)
  await expireUnderLoad(deeply, server)
  await renewInTime()

  Report.section("Typed client")
  await readPage(deeply)
  await stopEarly()
  await respectRateLimit()

  Report.section("Authorization errors, each with what to do")
  await showAuthorizationErrors(deeply, server)

  Report.section("Effect API")
  await Effect.runPromise(
    Effect.andThen(useEffectApi, showRevokedKey(server)).pipe(Effect.provide(Deeply.layerDefault(options)))
  )

  const { apiKeyLeaks, tokenRequests, requests } = server.stats
  Report.closing(`The API key was sent with ${tokenRequests} token requests and ${apiKeyLeaks} of ${requests} others.`)
  if (apiKeyLeaks > 0) Report.failed("expected no API key outside token requests")
}

const demonstrateRealApi = async (): Promise<void> => {
  await using deeply = createDeeply()
  Report.title("Tokenkeep", `with the Deeply API at ${deeply.host.baseUrl}`)
  Report.section("Promise API: fetch with a token")
  await listEvents(deeply)
  Report.section("Typed client")
  await readPage(deeply)
  Report.section("Effect API")
  await Effect.runPromise(Effect.provide(useEffectApi, Deeply.layerDefault()))
  Report.closing("Unset DEEPLY_API_KEY to see expiry under load and the errors: they need the fake API.")
}

const { values } = parseArgs({
  options: {
    console: { type: "boolean" },
    fleet: { type: "string" },
    port: { type: "string" },
    redis: { type: "boolean" },
    seconds: { type: "string" }
  }
})

try {
  const { DEEPLY_API_KEY, DEEPLY_HOST } = process.env
  const storage = values.redis === true ? "redis" : "file"
  const processes = readNumber("fleet", values.fleet, 6, { from: 1, to: 32 })
  const seconds = readNumber("seconds", values.seconds, undefined, { from: 1, to: 86_400 })
  if (values.console === true) {
    const port = readNumber("port", values.port, 0, { from: 0, to: 65_535 })
    await showConsole({ processes, storage, port, seconds })
  } else if (values.fleet !== undefined) {
    await showFleet({ processes, storage, seconds: seconds ?? 12 })
  } else await (DEEPLY_API_KEY && DEEPLY_HOST ? demonstrateRealApi() : demonstrate())
} catch (error) {
  if (error instanceof OptionError) Report.failed(error.message)
  else if (!isTokenkeepError(error)) throw error
  else Report.failed(`${error.code}: ${error.message} See ${error.docs}`)
}
