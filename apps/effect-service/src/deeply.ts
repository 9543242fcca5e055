import { Deeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

/** DEEPLY_API_KEY and DEEPLY_HOST. The key is redacted, so that logs do not contain it. */
const config = Config.all({
  apiKey: Config.option(Config.Redacted("API_KEY")),
  host: Config.String("HOST").pipe(Config.withDefault("cloud"))
}).pipe(Config.nested("DEEPLY"))

const fakeApi = Effect.acquireRelease(
  Effect.promise(() => startFakeDeeply()),
  (server) => Effect.promise(() => server.close())
)

/** The client for the configured API, or for a fake API if DEEPLY_API_KEY is not set. */
export const deeplyLayer = Layer.unwrap(
  Effect.gen(function* () {
    const { apiKey, host } = yield* config
    if (Option.isSome(apiKey)) return Deeply.layerDefault({ apiKey: apiKey.value, host })
    const server = yield* fakeApi
    return Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
  })
)
