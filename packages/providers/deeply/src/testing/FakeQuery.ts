import type { QueryProblem } from "./answers.ts"

const instant = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i
const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i

/** @internal Reads the documented query parameters, and collects what is wrong with them; unknown ones are ignored. */
export class FakeQuery {
  readonly problems: QueryProblem[] = []
  readonly #parameters: URLSearchParams

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters
  }

  /** Of several values, the last counts. */
  one(name: string): string | undefined {
    return this.#parameters.getAll(name).at(-1)
  }

  /** All values of a repeatable parameter; `undefined` where there is none. */
  many(name: string): ReadonlySet<string> | undefined {
    const values = this.#parameters.getAll(name)
    return values.length === 0 ? undefined : new Set(values)
  }

  integer(name: string, fallback: number, to: number): number {
    const input = this.one(name)
    if (input === undefined) return fallback
    if (!/^[+-]?\d+$/.test(input)) this.#refuse(name, input, "int_parsing", "Input should be a valid integer")
    else if (Number(input) < 1)
      this.#refuse(name, input, "greater_than_equal", "Input should be greater than or equal to 1")
    else if (Number(input) > to)
      this.#refuse(name, input, "less_than_equal", `Input should be less than or equal to ${to}`)
    return Number(input)
  }

  /** Epoch milliseconds of an ISO 8601 date or date-time; without an offset it is read as UTC. */
  instant(name: string): number | undefined {
    const input = this.one(name)
    if (input === undefined) return undefined
    const utc = input.includes(":") && !zoned.test(input) ? `${input}Z` : input
    const parsed = instant.test(input) ? Date.parse(utc.replace(" ", "T")) : Number.NaN
    if (Number.isNaN(parsed)) this.#refuse(name, input, "datetime_parsing", "Input should be a valid datetime")
    return parsed
  }

  #refuse(name: string, input: string, type: string, msg: string): void {
    this.problems.push({ type, loc: ["query", name], msg, input })
  }
}
