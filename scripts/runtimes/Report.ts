import { writeResults } from "../results.ts"
import type { Outcome } from "./Runtime.ts"

const indented = (text: string): string => text.replaceAll(/^/gm, "        ")

const seconds = (millis: number): string => `${(millis / 1_000).toFixed(1)} s`

/** What came of all cases, told as they come and as one table in the end. */
export class Report {
  readonly #title: string
  readonly #complete: boolean
  readonly #rows = new Map<string, Record<string, string>>()
  readonly #leftOut: Array<string> = []
  #passed = 0
  #failed = 0
  readonly #started = performance.now()

  /** With `complete`, what is left out fails the run. */
  constructor(title: string, { complete }: { readonly complete: boolean }) {
    this.#title = title
    this.#complete = complete
  }

  /** Runs one suite. A suite that does not end by itself, or without an answer, is one case that failed. */
  async suite(row: string, column: string, run: () => Promise<ReadonlyArray<Outcome>>): Promise<void> {
    const started = performance.now()
    const outcomes = await run().catch((error: unknown): ReadonlyArray<Outcome> => [
      { name: `${column} runs`, millis: 0, failure: String(error) }
    ])
    const took = performance.now() - started
    const failed = outcomes.filter(({ failure }) => failure !== undefined)
    // A suite without a case shows nothing, and must not pass for that.
    const broken =
      failed.length > 0 ? failed : outcomes.length === 0 ? [{ name: column, failure: "it has no case" }] : []
    for (const { failure = "", name } of broken) console.log(`FAILED  ${row}: ${name}\n${indented(failure)}`)
    const passed = outcomes.length - failed.length
    this.#passed += passed
    this.#failed += broken.length
    const counts = broken.length === 0 ? `${passed}` : `${passed}, ${broken.length} FAILED`
    console.log(`${broken.length === 0 ? "ok      " : "FAILED  "}${row}, ${column}: ${counts} (${seconds(took)})`)
    this.#rows.set(row, { ...this.#rows.get(row), [column]: `${counts} in ${seconds(took)}` })
  }

  /** What could not be run here. It is neither passed nor failed, and nobody should have to look for it. */
  leaveOut(what: string, why: string): void {
    this.#leftOut.push(`NOT RUN ${what}: ${why}`)
    console.log(this.#leftOut.at(-1))
  }

  close(): void {
    console.table(Object.fromEntries(this.#rows))
    for (const line of this.#leftOut) console.log(line)
    writeResults(this.#title, { passed: this.#passed, failed: this.#failed })
    console.log(
      `${this.#title}: ${this.#passed} passed, ${this.#failed} failed (${seconds(performance.now() - this.#started)})`
    )
    const lacks = this.#complete && this.#leftOut.length > 0
    if (lacks || this.#passed === 0 || this.#failed > 0) process.exitCode = 1
  }
}
