import type { Contract } from "./ContractTest.ts"
import { contractOf } from "./internal/checks.ts"
import { concurrency } from "./internal/storage/concurrency.ts"
import { exclusive } from "./internal/storage/exclusive.ts"
import { fences } from "./internal/storage/fences.ts"
import { makeFixture } from "./internal/storage/fixture.ts"
import { leases } from "./internal/storage/leases.ts"
import { operations } from "./internal/storage/operations.ts"
import { records } from "./internal/storage/records.ts"
import { watching } from "./internal/storage/watching.ts"
import type { StorageUnderTest } from "./StorageUnderTest.ts"

/**
 * The contract tests of a storage adapter.
 *
 * @example
 * ```ts
 * import { formatReport, runContract, storageContract } from "@tokenkeep/conformance"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 *
 * const contract = storageContract({
 *   name: "MemoryStorage",
 *   capabilities: { durable: false, shared: false, acquireLease: true, watch: true, exclusive: true },
 *   makeLocation: Effect.sync(() => MemoryStorage.layer()),
 *   open: (layer) => layer,
 *   clock: "test"
 * })
 * console.log(formatReport(await runContract(contract)).split("\n").at(-1))
 * // => MemoryStorage: … passed, 0 failed, … skipped
 * ```
 */
export const storageContract = <Location>(underTest: StorageUnderTest<Location>): Contract => {
  const { capabilities, clock = "live", contents, damage, disable, name, timeout = 300_000 } = underTest
  return contractOf({
    name,
    groups: { records, concurrency, leases, fences, watching, exclusive, operations },
    offers: {
      ...capabilities,
      exclusive: capabilities.exclusive ?? false,
      contents: contents !== undefined,
      damage: damage !== undefined,
      disable: disable !== undefined
    },
    fixture: makeFixture(underTest),
    clock,
    timeout
  })
}
