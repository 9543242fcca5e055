import { runContract } from "@tokenkeep/conformance"

/** The contract tests that apply to an adapter, each as one case. */
export const checkContract = async (contract, concurrency = 16) => {
  const { results } = await runContract(contract, { concurrency })
  return results
    .filter(({ outcome }) => outcome !== "skipped")
    .map(({ reason, test }) => ({
      name: `${contract.name}: ${test.guarantees.join(", ")} ${test.id}`,
      ...(reason === undefined ? undefined : { failure: reason })
    }))
}
