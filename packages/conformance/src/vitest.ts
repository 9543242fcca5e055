import * as Effect from "effect/Effect"
import { describe, test } from "vitest"
import { checkLaw, lawsFor } from "./harness.ts"
import type { Law, Subject } from "./Law.ts"

const assertKept = <Bench>(law: Law<Bench>, subject: Subject<Bench>, signal: AbortSignal): Promise<void> =>
  Effect.runPromise(checkLaw(law, subject), { signal })

/**
 * Makes each law that applies to an adapter a test of vitest.
 *
 * @example
 * ```ts
 * import { storageSubject } from "@tokenkeep/conformance"
 * import { testLaws } from "@tokenkeep/conformance/vitest"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 *
 * testLaws(
 *   storageSubject({
 *     title: "MemoryStorage",
 *     capabilities: { durable: false, shared: false, exclusive: true, watch: true },
 *     place: Effect.sync(() => MemoryStorage.layer()),
 *     open: (layer) => layer,
 *     clock: "test"
 *   })
 * )
 * ```
 */
export const testLaws = <Bench>(subject: Subject<Bench>): void => {
  const laws = lawsFor(subject)
  describe(`${subject.title}, by ${laws.length} laws`, () => {
    for (const law of laws) {
      const title = `${law.guarantees.join(", ")} ${law.id}: ${law.statement}`
      test(title, { timeout: subject.deadline + 5_000 }, ({ signal }) => assertKept(law, subject, signal))
    }
  })
}
