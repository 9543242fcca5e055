// oxlint-disable vitest/valid-title, vitest/expect-expect -- the titles are variables, and a contract test rejects
import { describe, test } from "vitest"
import type { Contract } from "./ContractTest.ts"

/**
 * Registers each contract test that applies to an adapter as a vitest test.
 *
 * @example
 * ```ts
 * import { storageContract } from "@tokenkeep/conformance"
 * import { testContract } from "@tokenkeep/conformance/vitest"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 *
 * testContract(
 *   storageContract({
 *     name: "MemoryStorage",
 *     capabilities: { durable: false, shared: false, acquireLease: true, watch: true, exclusive: true },
 *     makeLocation: Effect.sync(() => MemoryStorage.layer()),
 *     open: (layer) => layer,
 *     clock: "test"
 *   })
 * )
 * ```
 */
export const testContract = ({ name, tests, timeout }: Contract): void => {
  describe(name, () => {
    for (const { behaviour, guarantees, id, missing, run } of tests) {
      if (missing.length > 0) continue
      // Later than the test's own timeout, whose message says more.
      test(`${guarantees.join(", ")} ${id}: ${behaviour}`, { timeout: timeout + 5_000 }, ({ signal }) => run(signal))
    }
  })
}
