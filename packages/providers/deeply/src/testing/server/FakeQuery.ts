import type { QueryProblem } from "./responses.ts"

const instant = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i
const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i

/** @internal Reads the documented query parameters and collects their errors; other parameters are ignored. */
export class FakeQuery {
  readonly problems: QueryProblem[] = []
  readonly #parameters: URLSearchParams

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters
  }

  /** The last value of a parameter. */
  one(name: string): string | undefined {
    return this.#parameters.getAll(name).at(-1)
  }

  /** All values of a parameter that may be repeated; `undefined` if there is none. */
  many(name: string): ReadonlySet<string> | undefined {
    const values = this.#parameters.getAll(name)
    return values.length === 0 ? undefined : new Set(values)
  }

  integer(name: string, fallback: number, to: number): number {
    const input = this.one(name)
    if (input === undefined) return fallback
    if (!/^[+-]?\d+$/.test(input)) this.#addProblem(name, input, "int_parsing", "Input should be a valid integer")
    else if (Number(input) < 1)
      this.#addProblem(name, input, "greater_than_equal", "Input should be greater than or equal to 1")
    else if (Number(input) > to)
      this.#addProblem(name, input, "less_than_equal", `Input should be less than or equal to ${to}`)
    return Number(input)
  }

  /** A date, or a date and a time, in ISO 8601, as epoch milliseconds; without an offset it means UTC. */
  instant(name: string): number | undefined {
    const input = this.one(name)
    if (input === undefined) return undefined
    const utc = input.includes(":") && !zoned.test(input) ? `${input}Z` : input
    const parsed = instant.test(input) ? Date.parse(utc.replace(" ", "T")) : Number.NaN
    if (Number.isNaN(parsed)) this.#addProblem(name, input, "datetime_parsing", "Input should be a valid datetime")
    return parsed
  }

  #addProblem(name: string, input: string, type: string, msg: string): void {
    this.problems.push({ type, loc: ["query", name], msg, input })
  }
}
