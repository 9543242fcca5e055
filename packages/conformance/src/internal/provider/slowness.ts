import type { Answer } from "@tokenkeep/core"
import type { ProviderBench } from "../../ProviderBench.ts"
import { type Complaint, firstComplaint } from "./expectations.ts"

/** How long one answer may take, in milliseconds; the best of some counts, since the machine may be busy. */
const limit = 50
const samples = 7

/** What careless expressions and loops stumble over, over and over. */
const units = [
  '"',
  "\\",
  " ",
  "a",
  "a ",
  "a,",
  "=",
  "a=",
  'a="b", ',
  "[",
  "{}",
  '{"a":',
  "expired ",
  "Bearer ",
  'error="',
  "9",
  "-",
  "ey."
]

/** Small steps first: what takes exponential time must not be asked for more. */
const sizes = [16, 20, 24, 28, 32, 64, 256, 1_024, 4_096, 16_384, 65_536]

/** The whole of it, of the plainest kinds: what takes longer than it should was found by then. */
const largest = 1_048_576
const plain = new Set(["a", "a,", '"'])

/** Core reads that much of a body. */
const maxText = 65_536

const names = ["www-authenticate", "retry-after", "date", "content-type", "x-ratelimit-reset"]

/** That much of a kind, with an end that does not belong to it: there, a careless expression begins to search. */
const filled = (unit: string, size: number): string =>
  `${unit.repeat(Math.ceil(size / unit.length)).slice(0, size - 1)}!`

const isSlow = (run: () => unknown, now: ProviderBench["now"]): boolean => {
  for (let sample = 0; sample < samples; sample += 1) {
    const from = now()
    run()
    if (now() - from < limit) return false
  }
  return true
}

/** The first answer that takes too long: a body that is read whole, or a header. */
export const slowness = (
  { answers, now }: ProviderBench,
  name: string,
  read: (answer: Answer) => unknown
): Complaint => {
  const headerNames = new Set([...names, ...answers.flatMap(({ headers }) => [...headers.keys()])])
  const statuses = new Set([200, 401, 403, 429, ...answers.map(({ status }) => status)])
  const slowFor = (answer: Omit<Answer, "status">): boolean =>
    [...statuses].some((status) => isSlow(() => read({ ...answer, status }), now))
  const tooLong = (where: string, size: number, unit: string): string =>
    `${name} took longer than ${limit} ms for ${where} of ${size} characters of ${JSON.stringify(unit)}`

  return firstComplaint(units, (unit) =>
    firstComplaint(plain.has(unit) ? [...sizes, largest] : sizes, (size) => {
      const much = filled(unit, size)
      const isSlowBody = size <= maxText && slowFor({ headers: new Headers(), text: much, sentToken: true })
      if (isSlowBody) return tooLong("a body", size, unit)
      return firstComplaint(headerNames, (header) =>
        slowFor({ headers: new Headers([[header, much]]), text: "", sentToken: true })
          ? tooLong(`a header ${header}`, size, unit)
          : undefined
      )
    })
  )
}
