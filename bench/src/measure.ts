/** A thing to time: `run(times)` does it that often, one after the other or however the name says. */
export interface Subject {
  readonly name: string
  readonly run: (times: number) => Promise<void>
}

/** One subject's rounds, in nanoseconds an operation. */
export interface Timing {
  readonly name: string
  readonly rounds: ReadonlyArray<number>
  /** What each round took of this process's processor time: steadier than the clock where others want it, too. */
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

const timed = async (subject: Subject, times: number): Promise<Round> => {
  const used = process.cpuUsage()
  const start = process.hrtime.bigint()
  await subject.run(times)
  const time = Number(process.hrtime.bigint() - start) / times
  const { system, user } = process.cpuUsage(used)
  return { time, cpu: ((user + system) * 1_000) / times }
}

/**
 * Times all subjects in turn, round after round, so that a machine whose speed drifts is unfair to none; every other
 * round goes backwards, so that nobody always follows the same neighbour.
 */
export const interleaved = async (
  subjects: ReadonlyArray<Subject>,
  { rounds, times }: { readonly rounds: number; readonly times: number }
): Promise<ReadonlyArray<Timing>> => {
  const results = new Map(subjects.map((subject) => [subject.name, [] as Array<Round>]))
  for (const subject of subjects) await timed(subject, times)
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? subjects : subjects.toReversed()
    for (const subject of order) results.get(subject.name)?.push(await timed(subject, times))
  }
  return [...results].map(([name, found]) => ({
    name,
    rounds: found.map(({ time }) => time),
    cpu: found.map(({ cpu }) => cpu)
  }))
}

const range = (numbers: ReadonlyArray<number>, digits: number): string =>
  `${median(numbers).toFixed(digits)}  (${Math.min(...numbers).toFixed(digits)}–${Math.max(...numbers).toFixed(digits)})`

/**
 * Prints each subject's median time and its ratio to the first, taken round by round: at the same moment of the
 * machine. Smaller is faster.
 */
export const report = (title: string, timings: ReadonlyArray<Timing>): void => {
  const [base] = timings
  if (base === undefined) return
  console.log(`\n${title}\n${"".padEnd(34)}${"ns each".padEnd(36)}÷ ${base.name}`)
  for (const { name, rounds } of timings) {
    const ratios = rounds.map((time, round) => time / (base.rounds[round] ?? NaN))
    console.log(`${name.padEnd(34)}${range(rounds, 0).padEnd(36)}${range(ratios, 2)}`)
  }
}

/** The same by processor time, which leaves out what the server and the rest of the machine did. */
export const reportCpu = (title: string, timings: ReadonlyArray<Timing>): void =>
  report(
    `${title}, processor time of the client`,
    timings.map((timing) => ({ ...timing, rounds: timing.cpu }))
  )
