import * as Effect from "effect/Effect"
import { sharedStorage } from "./scriptedStorage.ts"
import { scriptedTransport, tokens } from "./scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "./testManager.ts"

/** Runs all effects at once. */
export const unbounded = { concurrency: "unbounded" } as const

/** Several clients with one storage and one issuer, as if each were a process of its own. */
export const sharingClients = Effect.fnUntraced(function* (size: number, options: TestManagerOptions = {}) {
  const storage = sharedStorage()
  const transport = options.transport ?? scriptedTransport(options.script ?? tokens)
  const clients = yield* Effect.forEach(Array.from({ length: size }), () =>
    testManager({ storage, transport, ...options })
  )
  return { storage, transport, clients, calls: transport.calls }
})
