import { storageContract } from "@tokenkeep/conformance"
import { testContract } from "@tokenkeep/conformance/vitest"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Effect from "effect/Effect"

// STO-1, on the test clock and in real time.
for (const clock of ["test", "live"] as const) {
  testContract(
    storageContract({
      name: `MemoryStorage, ${clock} clock`,
      capabilities: { durable: false, shared: false, acquireLease: true, watch: true, exclusive: true },
      makeLocation: Effect.sync(() => MemoryStorage.layer()),
      open: (layer) => layer,
      clock
    })
  )
}
