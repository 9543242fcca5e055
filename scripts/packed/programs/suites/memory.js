import { storageContract } from "@tokenkeep/conformance"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Effect from "effect/Effect"
import { checkContract } from "./contract.js"
import { checkLifecycle } from "./lifecycle.js"

const contract = (clock) =>
  checkContract(
    storageContract({
      name: `MemoryStorage, ${clock} clock`,
      capabilities: { durable: false, shared: false, acquireLease: true, watch: true, exclusive: true },
      makeLocation: Effect.sync(() => MemoryStorage.layer()),
      open: (layer) => layer,
      clock
    })
  )

export const memory = async () => [...(await contract("test")), ...(await contract("live"))]

/** Clients that are given the same layer share its memory. */
const place = () => {
  const layer = MemoryStorage.layer()
  return () => layer
}

export const lifeInMemory = ({ driver }) => checkLifecycle({ driver, place, title: "memory" })
