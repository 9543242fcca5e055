import { type TokenkeepError, TokenManager } from "@tokenkeep/core"
import { Deeply } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** The log gets the message, the caller only the code. */
const toResponse = (error: TokenkeepError) =>
  Effect.logError(`${error.code}: ${error.message}`).pipe(
    Effect.andThen(HttpServerResponse.json({ error: error.code }, { status: 502 })),
    Effect.orDie
  )

const loudest = HttpRouter.add(
  "GET",
  "/loudest",
  Effect.gen(function* () {
    const { events } = yield* Deeply
    const loudEvents = yield* events.all({ size: 100 }).pipe(
      Stream.filter(({ confidence }) => confidence >= 0.98),
      Stream.map(({ id, label, mic }) => `${id}: ${label.name.en}, ${mic.name}`),
      Stream.runCollect
    )
    return yield* HttpServerResponse.json(loudEvents)
  }).pipe(Effect.catchTag("TokenkeepError", toResponse))
)

const health = HttpRouter.add(
  "GET",
  "/health",
  Effect.gen(function* () {
    const { status } = yield* TokenManager
    const { state } = status()
    return yield* HttpServerResponse.json({ token: state })
  })
)

export const routes = Layer.mergeAll(loudest, health)
