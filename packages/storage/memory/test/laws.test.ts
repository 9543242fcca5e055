import { storageSubject } from "@tokenkeep/conformance"
import { testLaws } from "@tokenkeep/conformance/vitest"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Effect from "effect/Effect"

// STO-1: the published laws, on the test clock and as time passes by itself.
for (const clock of ["test", "live"] as const) {
  testLaws(
    storageSubject({
      title: `MemoryStorage, ${clock} clock`,
      capabilities: { durable: false, shared: false, exclusive: true, watch: true },
      place: Effect.sync(() => MemoryStorage.layer()),
      open: (layer) => layer,
      clock
    })
  )
}
