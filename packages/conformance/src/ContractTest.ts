import * as Data from "effect/Data"

/**
 * An adapter does not behave as its contract requires; `reason` says what it did instead.
 *
 * @example
 * ```ts
 * import { ContractViolation } from "@tokenkeep/conformance"
 *
 * console.log(new ContractViolation({ reason: "a save with fence 9 was not rejected" }).message)
 * // => a save with fence 9 was not rejected
 * ```
 */
export class ContractViolation extends Data.TaggedError("ContractViolation")<{
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/**
 * One behaviour that an adapter must have, and a function that checks it.
 *
 * @example
 * ```ts
 * import type { ContractTest } from "@tokenkeep/conformance"
 *
 * const title = ({ behaviour, id }: ContractTest) => `${id}: ${behaviour}`
 * console.log(typeof title) // => function
 * ```
 */
export interface ContractTest {
  /** A stable name, in kebab-case. */
  readonly id: string
  /** The part of the contract that it belongs to, such as "leases". */
  readonly group: string
  /** What an adapter does, in one sentence. */
  readonly behaviour: string
  /** The guarantees of Tokenkeep that depend on it, by their IDs. */
  readonly guarantees: ReadonlyArray<string>
  /** What an adapter must offer for the test to apply. */
  readonly requires: ReadonlyArray<string>
  /** Which of these the adapter under test does not offer. If there are any, the test does not apply. */
  readonly missing: ReadonlyArray<string>
  /** Checks the adapter under test, and rejects with a {@link ContractViolation} if it behaves differently. */
  readonly run: (signal?: AbortSignal) => Promise<void>
}

/**
 * The contract tests of one adapter: `storageContract`, `transportContract` and `providerContract` make them.
 *
 * @example
 * ```ts
 * import { type Contract, runContract } from "@tokenkeep/conformance"
 *
 * const contract: Contract = { name: "An adapter", tests: [], timeout: 60_000 }
 * console.log((await runContract(contract)).passed) // => true
 * ```
 */
export interface Contract {
  /** The name of the adapter under test. */
  readonly name: string
  readonly tests: ReadonlyArray<ContractTest>
  /** A test that is still running after this many milliseconds has failed. */
  readonly timeout: number
}
