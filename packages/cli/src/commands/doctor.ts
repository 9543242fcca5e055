import { checksOf } from "../doctor/checksOf.ts"
import type { Finding } from "../doctor/Finding.ts"
import { runChecks } from "../doctor/runChecks.ts"
import { exitCodes } from "../output/exitCodes.ts"
import { printable, printableJson } from "../output/printable.ts"
import { type ProfileChoice, selectProfile } from "../profiles/Profile.ts"

export interface DoctorOptions extends ProfileChoice {
  readonly format?: "table" | "json"
}

const lines = ({ check, fix, page, state, what }: Finding): string => {
  const [first, ...rest] = [
    `${state.padEnd(11)}  ${check}: ${what}`,
    ...(fix === undefined ? [] : [`fix:  ${fix}`]),
    ...(page === undefined ? [] : [`page: ${page}`])
  ].map(printable)
  return [first, ...rest.map((line) => `             ${line}`)].map((line) => `${line}\n`).join("")
}

const summary = (findings: ReadonlyArray<Finding>): string => {
  const count = (state: Finding["state"]) => findings.filter((each) => each.state === state).length
  return `\n${count("ok")} ok, ${count("warning")} warnings, ${count("failed")} failed, ${count("not checked")} not checked\n`
}

/** `tokenkeep doctor`: checks what a profile needs; the exit code is 1 if a check fails. */
export const doctor = async (options: DoctorOptions, signal: AbortSignal): Promise<number> => {
  const profile = await selectProfile(options)
  const findings = await runChecks(await checksOf(profile, signal), signal)
  const text =
    options.format === "json"
      ? `${printableJson({ profile: profile.name, findings }, 2)}\n`
      : findings.map(lines).join("") + summary(findings)
  process.stdout.write(text)
  return findings.some(({ state }) => state === "failed") ? exitCodes.failed : exitCodes.ok
}
