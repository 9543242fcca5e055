import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Contract, type ContractTest, ContractViolation } from "./ContractTest.ts"

/**
 * The result of one contract test. It is "skipped" if the adapter does not offer what the test requires.
 *
 * @example
 * ```ts
 * import type { ContractResult } from "@tokenkeep/conformance"
 *
 * const failures = (results: ReadonlyArray<ContractResult>) => results.filter(({ outcome }) => outcome === "failed")
 * console.log(failures([]).length) // => 0
 * ```
 */
export interface ContractResult {
  readonly test: ContractTest
  readonly outcome: "passed" | "failed" | "skipped"
  /** What the adapter did instead, if the test failed. */
  readonly reason?: string
  /** How long the test took, in milliseconds. */
  readonly millis: number
}

/**
 * The results of all contract tests of one adapter.
 *
 * @example
 * ```ts
 * import type { ContractReport } from "@tokenkeep/conformance"
 *
 * const report: ContractReport = { name: "An adapter", results: [], passed: true }
 * console.log(report.passed) // => true
 * ```
 */
export interface ContractReport {
  readonly name: string
  readonly results: ReadonlyArray<ContractResult>
  /** Whether no test failed. */
  readonly passed: boolean
}

const runTest = Effect.fnUntraced(function* (test: ContractTest) {
  if (test.missing.length > 0) return { test, outcome: "skipped", millis: 0 } as const
  const start = yield* Clock.currentTimeMillis
  const reason = yield* Effect.promise(() =>
    test.run().then(
      () => undefined,
      (error: unknown) => (error instanceof ContractViolation ? error.reason : String(error))
    )
  )
  const millis = (yield* Clock.currentTimeMillis) - start
  return reason === undefined
    ? ({ test, outcome: "passed", millis } as const)
    : ({ test, outcome: "failed", reason, millis } as const)
})

/**
 * Runs all contract tests of an adapter without a test runner, in any JavaScript runtime. It never rejects: the report
 * holds the failures.
 *
 * @param options.concurrency How many tests run at once; 1 by default.
 *
 * @example
 * ```ts
 * import { runContract, storageContract } from "@tokenkeep/conformance"
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
 * console.log((await runContract(contract)).passed) // => true
 * ```
 */
export const runContract = async (
  { name, tests }: Contract,
  { concurrency = 1 }: { readonly concurrency?: number | undefined } = {}
): Promise<ContractReport> => {
  const results: ReadonlyArray<ContractResult> = await Effect.runPromise(
    Effect.forEach(tests, runTest, { concurrency })
  )
  return { name, results, passed: results.every(({ outcome }) => outcome !== "failed") }
}

const words = { passed: "passed", failed: "FAILED", skipped: "-" } as const

const remark = ({ outcome, reason, test }: ContractResult): string =>
  outcome === "skipped" ? `requires ${test.missing.join(", ")}` : (reason ?? test.behaviour)

/**
 * Formats a report as a table with one contract test per line, and a summary at the end.
 *
 * @example
 * ```ts
 * import { formatReport } from "@tokenkeep/conformance"
 *
 * console.log(formatReport({ name: "An adapter", results: [], passed: true }))
 * // => An adapter: 0 passed, 0 failed, 0 skipped
 * ```
 */
export const formatReport = ({ name, results }: ContractReport): string => {
  const width = Math.max(...results.map(({ test }) => test.id.length), 0)
  const lines = results.map((result) =>
    [result.test.id.padEnd(width), words[result.outcome].padEnd(6), remark(result)].join("  ")
  )
  const count = (outcome: ContractResult["outcome"]) => results.filter((result) => result.outcome === outcome).length
  const summary = `${name}: ${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`
  return [...lines, summary].join("\n")
}
