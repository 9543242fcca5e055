import { type Finding, notChecked, type Verdict } from "./Finding.ts"

/** One check. It is not made if one that it needs has failed, because its result would say nothing new. */
export interface Check {
  readonly name: string
  readonly needs?: ReadonlyArray<string>
  readonly run: () => Verdict | Promise<Verdict>
}

/** Makes the checks in their order. */
export const runChecks = async (checks: ReadonlyArray<Check>, signal: AbortSignal): Promise<ReadonlyArray<Finding>> => {
  const findings: Array<Finding> = []
  const blocks = (name: string) =>
    findings.some(({ check, state }) => check === name && (state === "failed" || state === "not checked"))
  for (const { name, needs = [], run } of checks) {
    signal.throwIfAborted()
    const missing = needs.find(blocks)
    const verdict = missing === undefined ? await run() : notChecked(`it needs: ${missing}`)
    findings.push({ check: name, ...verdict })
  }
  return findings
}
