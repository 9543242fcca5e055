import { type Contract, runContract } from "@tokenkeep/conformance"
import { expect, it } from "vitest"

/** An adapter that is deliberately wrong. */
export interface WrongAdapter<Adapter> {
  readonly mistake: string
  readonly adapter: Adapter
  /** The IDs of the contract tests that must fail for it, separated by spaces. */
  readonly fails: string
}

const idsOf = ({ fails }: Pick<WrongAdapter<unknown>, "fails">): ReadonlyArray<string> => fails.trim().split(/\s+/)

/** Runs the named contract tests on each wrong adapter, and checks that every contract test is named. */
export const testWrongAdapters = <Adapter>(
  adapters: ReadonlyArray<WrongAdapter<Adapter>>,
  contractOf: (name: string, adapter: Adapter) => Contract
): void => {
  it.concurrent.each(adapters)("$mistake", async ({ adapter, fails, mistake }) => {
    const contract = contractOf(mistake, adapter)
    const ids = idsOf({ fails })
    const tests = contract.tests.filter(({ id }) => ids.includes(id))
    const { results } = await runContract({ ...contract, tests }, { concurrency: 16 })
    const failed = results.filter(({ outcome }) => outcome === "failed").map(({ test }) => test.id)
    expect(failed.toSorted()).toEqual(ids.toSorted())
  })

  it("covers every contract test", () => {
    const named = new Set(adapters.flatMap(idsOf))
    const [first] = adapters
    const tests = first === undefined ? [] : contractOf(first.mistake, first.adapter).tests
    expect(tests.map(({ id }) => id).filter((id) => !named.has(id))).toEqual([])
  })
}
