import type { Finding, Report } from "./harness.ts"

const word = { Kept: "kept", Broken: "BROKEN", NotOffered: "-" } as const

const remark = ({ law, outcome }: Finding): string => {
  switch (outcome._tag) {
    case "Kept":
      return law.statement
    case "Broken":
      return outcome.reason
    case "NotOffered":
      return `not offered: ${outcome.lacking.join(", ")}`
  }
}

const count = ({ findings }: Report, tag: keyof typeof word): number =>
  findings.filter(({ outcome }) => outcome._tag === tag).length

/**
 * A report as a table, one law a line, and a line that sums it up.
 *
 * @example
 * ```ts
 * import { formatReport, storageLaws } from "@tokenkeep/conformance"
 *
 * const [law] = storageLaws
 * const findings = [{ law: law!, outcome: { _tag: "Kept" }, millis: 3 }] as const
 * console.log(formatReport({ title: "An adapter", findings, kept: true }))
 * // => absent-is-undefined  kept    A name that nothing was saved under is answered with undefined.
 * // => An adapter: 1 kept, 0 broken, 0 not offered
 * ```
 */
export const formatReport = (report: Report): string => {
  const width = Math.max(...report.findings.map(({ law }) => law.id.length), 0)
  const lines = report.findings.map((finding) =>
    [finding.law.id.padEnd(width), word[finding.outcome._tag].padEnd(6), remark(finding)].join("  ")
  )
  const [kept, broken, not] = [count(report, "Kept"), count(report, "Broken"), count(report, "NotOffered")]
  return [...lines, `${report.title}: ${kept} kept, ${broken} broken, ${not} not offered`].join("\n")
}
