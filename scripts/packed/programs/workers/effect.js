// The Effect API: one runtime in module scope.
import { TokenManager } from "@tokenkeep/core"
import { Deeply } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { clientOptions, makeWorker } from "./makeWorker.js"

const runtime = ManagedRuntime.make(Deeply.layerDefault(clientOptions))

const run = (effect) => (signal) => runtime.runPromise(effect, { signal })

const get = Deeply.use(({ request }) => request("/api/v1/mics?size=1")).pipe(
  Effect.tap((response) => Effect.promise(() => response.text())),
  Effect.map(({ status }) => status)
)

export default makeWorker({
  get: run(get),
  getFiveTimes: run(
    Effect.all(
      Array.from({ length: 5 }, () => get),
      { concurrency: "unbounded" }
    )
  ),
  list: run(
    Effect.map(
      Deeply.use(({ mics }) => mics.list({ size: 1 })),
      ({ results }) => results.length
    )
  ),
  token: run(
    Effect.map(
      TokenManager.use((manager) => manager.get),
      ({ id }) => id
    )
  ),
  peek: run(TokenManager.use((manager) => Effect.sync(() => manager.peek()?.id)))
})
