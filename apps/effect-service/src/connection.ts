import { Deeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

const settings = Config.all({
  apiKey: Config.option(Config.Redacted("API_KEY")),
  host: Config.String("HOST").pipe(Config.withDefault("cloud"))
}).pipe(Config.nested("DEEPLY"))

const fake = Effect.acquireRelease(
  Effect.promise(() => startFakeDeeply()),
  (server) => Effect.promise(() => server.close())
)

/** The client: of the API that the configuration names, else of a fake one that lives as long as it does. */
export const connection = Layer.unwrap(
  Effect.gen(function* () {
    const { apiKey, host } = yield* settings
    if (Option.isSome(apiKey)) return Deeply.layerDefault({ apiKey: apiKey.value, host })
    const server = yield* fake
    return Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
  })
)
