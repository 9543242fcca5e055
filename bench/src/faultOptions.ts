// The command line of the runs with faults.
import { storageKinds } from "fleet"
import { parseArgs } from "node:util"

/** What every run with faults has as an option. */
const shared = {
  on: "file",
  seed: `${Math.floor(Math.random() * 2 ** 31)}`,
  seconds: "300",
  processes: "8",
  every: "1000",
  freeze: "1500-8000"
}

/** Reads the command line: the options that all runs with faults share, and these, with their defaults. */
export const faultOptions = <Own extends string>(defaults: Readonly<Record<Own, string>>) => {
  const known: Record<string, string> = { ...shared, ...defaults }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, value]) => [name, { type: "string", default: value } as const])
  )
  const { values } = parseArgs({ options })
  type Name = Own | keyof typeof shared
  const text = (name: Name): string => values[name] ?? ""

  /** The values of a list option. Throws if one of them is not known. */
  const listOf = <A extends string>(name: Name, all: ReadonlyArray<A>): ReadonlyArray<A> =>
    text(name)
      .split(",")
      .map((value) => {
        const found = all.find((each) => each === value)
        if (found === undefined) throw new Error(`--${name} ${value} is unknown. Use ${all.join(", ")}.`)
        return found
      })

  const [least = 1_500, most = least] = text("freeze").split("-").map(Number)
  const same = {
    seconds: Number(text("seconds")),
    processes: Number(text("processes")),
    every: Number(text("every")),
    freezeMillis: [least, most] as const
  }
  return {
    text,
    listOf,
    /** The options of every run. */
    same,
    /** Each storage with each seed. */
    runs: listOf("on", storageKinds).flatMap((on) =>
      text("seed")
        .split(",")
        .map((seed) => ({ on, seed: Number(seed) }))
    ),
    /** What is run, for the first line of the report. */
    headline: [
      `Node ${process.versions.node}`,
      `${same.processes} processes`,
      `${same.seconds} s a run`,
      ...Object.keys(defaults).flatMap((name) => (name in shared ? [] : [`${name} ${text(name as Own)}`])),
      `freezes of ${least} to ${most} ms`,
      `seed ${text("seed")}`
    ].join(", ")
  }
}

/** Without this, a signal ends the process without its exit handlers, which end the fleet and the Redis. */
export const endOnSignals = (): void => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1))
}
