import { storageContract, type StorageUnderTest } from "@tokenkeep/conformance"
import { testContract } from "@tokenkeep/conformance/vitest"
import { TokenStorage } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { describe } from "vitest"
import { emptyLocation, type Location, type Service, sharedMap } from "./support/sharedMap.ts"
import { slowStorage } from "./support/slowStorage.ts"
import { testWrongAdapters } from "./support/wrongAdapters.ts"
import { wrongStorages } from "./wrong/storages.ts"

const contractOf = (
  name: string,
  open: (location: Location) => Effect.Effect<Service, never, Scope.Scope>,
  options: Pick<StorageUnderTest<Location>, "clock" | "timeout"> = {}
) =>
  storageContract({
    name,
    capabilities: { durable: true, shared: true, acquireLease: true, watch: true, exclusive: true },
    makeLocation: Effect.sync(emptyLocation),
    open: (location) => Layer.effect(TokenStorage, open(location)),
    contents: ({ exclusive, leases, records }) =>
      Effect.sync(() => [records, leases, exclusive].flatMap((each) => [...each.keys()])),
    damage: ({ exclusive }) =>
      Effect.sync(() => [...exclusive.keys()].forEach((each) => exclusive.set(each, undefined))),
    disable: (location) => Effect.sync(() => void (location.isDisabled = true)),
    clock: "test",
    ...options
  })

describe("STO-1, STO-7: a correct storage passes, however slow it is", () => {
  testContract(contractOf("a fast storage", (location) => Effect.sync(() => sharedMap(location))))
  testContract(
    contractOf("a fast storage in real time", (location) => Effect.sync(() => sharedMap(location)), { clock: "live" })
  )
  testContract(contractOf("a slow storage", (location) => Effect.sync(() => slowStorage(location)), { clock: "live" }))
})

describe("STO-1, STO-7: the storage contract catches", () => {
  // Some wrong storages hang, so the timeout decides how long that takes.
  testWrongAdapters(wrongStorages, (name, open) => contractOf(name, open, { timeout: 5_000 }))
})
