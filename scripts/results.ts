import { globSync, readFileSync, rmSync } from "node:fs"
import { join, relative } from "node:path"
import { root } from "./root.ts"

/** A test may stand for several cases, which another program has run. */
interface Cases {
  readonly passed: number
  readonly failed: number
}

declare module "vitest" {
  interface TaskMeta {
    cases?: Cases
  }
}

/** What is used of a file of vitest's JSON reporter. */
interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string
      readonly status: string
      readonly failureMessages: ReadonlyArray<string>
      readonly meta: { readonly cases?: Cases }
    }>
  }>
}

// Packages keep their reports in their folders, and scripts/packed keeps its report at the root.
const files = (): ReadonlyArray<string> =>
  globSync("{.,packages/*,packages/*/*,apps/*,bench,site,test}/.vitest/*.json", { cwd: root }).map((file) =>
    join(root, file)
  )

/** Forgets the counts of earlier runs. A run that turbo has cached restores its own. */
export const clearResults = (): void => {
  for (const file of files()) rmSync(file)
}

const testFiles = () => files().flatMap((file) => (JSON.parse(readFileSync(file, "utf8")) as Report).testResults)

/** The counts of all reports. */
export const countResults = () => {
  const count = { passed: 0, failed: 0, skipped: 0 }
  for (const { assertionResults, status: ofFile } of testFiles()) {
    // A file that does not load has no test, and must not pass for that.
    if (ofFile === "failed" && assertionResults.length === 0) count.failed += 1
    for (const { meta, status } of assertionResults) {
      if (meta.cases === undefined) count[status === "passed" || status === "failed" ? status : "skipped"] += 1
      count.passed += meta.cases?.passed ?? 0
      count.failed += meta.cases?.failed ?? 0
    }
  }
  return count
}

/** What failed in all reports: the file, the test and the beginning of what it printed. */
export const failures = (): ReadonlyArray<string> =>
  testFiles().flatMap(({ assertionResults, message, name, status: ofFile }) => {
    const file = relative(root, name)
    if (ofFile === "failed" && assertionResults.length === 0) return [describe(file, [message])]
    return assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ failureMessages, fullName }) => describe(`${file} > ${fullName}`, failureMessages))
  })

const describe = (what: string, messages: ReadonlyArray<string>): string =>
  `FAILED ${what}\n${messages.join("\n").slice(0, 2000)}`
