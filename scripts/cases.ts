import { writeResults } from "./results.ts"

export type Cases = Readonly<Record<string, () => unknown>>

const failureOf = async (check: () => unknown): Promise<string | undefined> => {
  try {
    await check()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Runs named checks one after another with a line for each; summary.ts adds the counts to those of the tests. */
export const runCases = async (suite: string, cases: Cases): Promise<void> => {
  const counts = { passed: 0, failed: 0 }
  for (const [name, check] of Object.entries(cases)) {
    const failure = await failureOf(check)
    counts[failure === undefined ? "passed" : "failed"] += 1
    console.log(failure === undefined ? `ok      ${name}` : `FAILED  ${name}\n${failure.replaceAll(/^/gm, "        ")}`)
  }
  writeResults(suite, counts)
  console.log(`${suite}: ${counts.passed} passed, ${counts.failed} failed`)
  if (counts.passed === 0 || counts.failed > 0) process.exitCode = 1
}
