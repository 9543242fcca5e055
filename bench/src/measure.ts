import { seeded } from "./random.ts"

/** What a run counts besides its time. */
type Counts = Readonly<Record<string, number>>

/** Something to time: `run(times)` repeats it. */
export interface Case {
  readonly name: string
  readonly run: (times: number) => Promise<Counts | void>
}

/** The rounds of one case, in nanoseconds per operation. */
export interface Timing {
  readonly name: string
  readonly rounds: ReadonlyArray<number>
  readonly counts: ReadonlyArray<Counts>
}

interface Round {
  readonly time: number
  readonly counts: Counts
}

export const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

const timed = async (measured: Case, times: number): Promise<Round> => {
  const start = process.hrtime.bigint()
  const counts = (await measured.run(times)) ?? {}
  return { time: Number(process.hrtime.bigint() - start) / times, counts }
}

/** Repeats a step, one after the other. */
export const sequential = (name: string, step: () => unknown): Case => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 1) await step()
  }
})

/** Repeats a step without an await. */
export const synchronous = (name: string, step: () => unknown): Case => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 1) step()
  }
})

/** Repeats a step, `width` at a time. */
export const concurrent = (name: string, width: number, step: () => Promise<unknown>): Case => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += width) await Promise.all(Array.from({ length: width }, step))
  }
})

/** A random order, the same in each run. */
const shuffled = <A>(items: ReadonlyArray<A>, random: () => number): ReadonlyArray<A> =>
  items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)

/**
 * Times all cases in turn, round after round, so that a change in the machine's speed affects all of them. Each round has
 * its own random order (seed 1), because the garbage of one case can slow the next one.
 */
export const interleaved = async (
  cases: ReadonlyArray<Case>,
  { rounds, times }: { readonly rounds: number; readonly times: number }
): Promise<ReadonlyArray<Timing>> => {
  const results = new Map(cases.map(({ name }) => [name, [] as Array<Round>]))
  for (const each of cases) await timed(each, times)
  const random = seeded(1)
  for (let round = 0; round < rounds; round += 1) {
    for (const each of shuffled(cases, random)) results.get(each.name)?.push(await timed(each, times))
  }
  return [...results].map(([name, found]) => ({
    name,
    rounds: found.map(({ time }) => time),
    counts: found.map(({ counts }) => counts)
  }))
}

const range = (numbers: ReadonlyArray<number>, digits: number): string =>
  `${median(numbers).toFixed(digits)}  (${Math.min(...numbers).toFixed(digits)}–${Math.max(...numbers).toFixed(digits)})`

/** Prints the median time of each case, and its ratio to the first case, computed round by round. Smaller is faster. */
export const report = (title: string, timings: ReadonlyArray<Timing>): void => {
  const [base] = timings
  if (base === undefined) return
  console.log(`\n${title}\n${"".padEnd(34)}${"ns each".padEnd(36)}÷ ${base.name}`)
  for (const { name, rounds } of timings) {
    const ratios = rounds.map((time, round) => time / (base.rounds[round] ?? NaN))
    console.log(`${name.padEnd(34)}${range(rounds, 0).padEnd(36)}${range(ratios, 2)}`)
  }
}
