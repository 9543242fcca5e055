import { TokenStorage } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Step } from "./Messages.ts"

/** No handler, no exit code, nothing flushed: as the kernel or an operator does it. */
const die = (): void => void process.kill(process.pid, "SIGKILL")

const dieAs = <A, E>(step: Step | undefined, at: Step, go: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  step === at ? Effect.andThen(Effect.sync(die), go) : go

/** A storage and a fetch that are as they were, but for the one step at which this process kills itself. */
export const dyingAt = (step: Step | undefined) => {
  // Under a lease, the first save counts the issue call, and the second is the token's.
  let saves = 0

  const dying = (storage: TokenStorage["Service"]) =>
    TokenStorage.of({
      ...storage,
      save: (name, stored) =>
        Effect.suspend(() => {
          saves += 1
          const save = storage.save(name, stored)
          if (saves === 1) {
            return Effect.tap(save, () => dieAs(step, "under the lease, before the issue call", Effect.void))
          }
          if (step === "during the save")
            return Effect.andThen(
              Effect.sync(() => setImmediate(die)),
              save
            )
          const saved = Effect.tap(save, () => dieAs(step, "after the save, before the release", Effect.void))
          return dieAs(step, "after the answer, before the save", saved)
        })
    })

  return {
    storage: (layer: Layer.Layer<TokenStorage>): Layer.Layer<TokenStorage> =>
      step === undefined
        ? layer
        : Layer.effect(TokenStorage, Effect.map(TokenStorage, dying)).pipe(Layer.provide(layer)),
    fetch: (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const url = input instanceof Request ? input.url : input.toString()
      if (step === "during the issue call" && url.includes("/reissue")) setTimeout(die, 50)
      return fetch(input, init)
    }
  }
}
