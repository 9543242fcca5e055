import { TokenStorage } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { CrashStep } from "./Protocol.ts"

/** SIGKILL runs no handler and flushes nothing, as when the kernel or an operator kills a process. */
const crash = (): void => void process.kill(process.pid, "SIGKILL")

/** A storage and a fetch that behave as usual, except for the step at which the process kills itself. */
export const crashAt = (step: CrashStep | undefined) => {
  // Under a lease, the first save counts the token request, and the second stores the token.
  let saves = 0

  const crashIf = (at: CrashStep): Effect.Effect<void> => Effect.sync(() => (step === at ? crash() : undefined))

  const crashing = (storage: TokenStorage["Service"]) =>
    TokenStorage.of({
      ...storage,
      save: (name, stored) =>
        Effect.suspend(() => {
          saves += 1
          const save = storage.save(name, stored)
          if (saves === 1) return Effect.tap(save, () => crashIf("under the lease, before the token request"))
          if (step === "during the save") setImmediate(crash)
          return Effect.andThen(
            crashIf("after the response, before the save"),
            Effect.tap(save, () => crashIf("after the save, before the release"))
          )
        })
    })

  return {
    storage: (layer: Layer.Layer<TokenStorage>): Layer.Layer<TokenStorage> =>
      step === undefined
        ? layer
        : Layer.effect(TokenStorage, Effect.map(TokenStorage, crashing)).pipe(Layer.provide(layer)),
    fetch: (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const url = input instanceof Request ? input.url : input.toString()
      if (step === "during the token request" && url.includes("/reissue")) setTimeout(crash, 50)
      return fetch(input, init)
    }
  }
}
