/** Something to time: `run(times)` repeats it. */
export interface Case {
  readonly name: string
  readonly run: (times: number) => Promise<void>
}

/** The rounds of one case, in nanoseconds per operation. */
export interface Timing {
  readonly name: string
  readonly rounds: ReadonlyArray<number>
  /** Processor time of this process in each round. It varies less than wall time on a busy machine. */
  readonly cpu: ReadonlyArray<number>
}

interface Round {
  readonly time: number
  readonly cpu: number
}

const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

const timed = async (measured: Case, times: number): Promise<Round> => {
  const used = process.cpuUsage()
  const start = process.hrtime.bigint()
  await measured.run(times)
  const time = Number(process.hrtime.bigint() - start) / times
  const { system, user } = process.cpuUsage(used)
  return { time, cpu: ((user + system) * 1_000) / times }
}

/** Repeats a step, one after the other. */
export const sequential = (name: string, step: () => unknown): Case => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 1) await step()
  }
})

/** Repeats a step, `width` at a time. */
export const concurrent = (name: string, width: number, step: () => Promise<unknown>): Case => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += width) await Promise.all(Array.from({ length: width }, step))
  }
})

/**
 * Times all cases in turn, round after round, so that a change in the machine's speed affects all of them. Every other
 * round runs backwards, so that no case always follows the same one.
 */
export const interleaved = async (
  cases: ReadonlyArray<Case>,
  { rounds, times }: { readonly rounds: number; readonly times: number }
): Promise<ReadonlyArray<Timing>> => {
  const results = new Map(cases.map(({ name }) => [name, [] as Array<Round>]))
  for (const each of cases) await timed(each, times)
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? cases : cases.toReversed()
    for (const each of order) results.get(each.name)?.push(await timed(each, times))
  }
  return [...results].map(([name, found]) => ({
    name,
    rounds: found.map(({ time }) => time),
    cpu: found.map(({ cpu }) => cpu)
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

/** The same with processor time, which leaves out the server and other programs. */
export const reportCpu = (title: string, timings: ReadonlyArray<Timing>): void =>
  report(
    `${title}, processor time of the client`,
    timings.map((timing) => ({ ...timing, rounds: timing.cpu }))
  )
