import { storageSubject } from "@tokenkeep/conformance"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Effect from "effect/Effect"
import { checkLaws } from "./laws.js"

const laws = (clock) =>
  checkLaws(
    storageSubject({
      title: `MemoryStorage, ${clock} clock`,
      capabilities: { durable: false, shared: false, exclusive: true, watch: true },
      place: Effect.sync(() => MemoryStorage.layer()),
      open: (layer) => layer,
      clock
    }),
    { concurrency: 16 }
  )

/** The laws of storages, for the memory. */
export const suite = async () => [...(await laws("test")), ...(await laws("live"))]
