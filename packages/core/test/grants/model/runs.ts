import { type Configuration, configuration, faultKinds, type FaultKind } from "./Configuration.ts"

export interface Run {
  readonly name: string
  readonly configuration: Configuration
}

const run = (name: string, changes: Partial<Configuration>): Run => ({ name, configuration: configuration(changes) })

const two = { faults: 2, rotations: 2 }

/** Small enough for every run of the tests. */
export const smallRuns: ReadonlyArray<Run> = [
  run("strict, 2 faults, 2 rotations", { ...two }),
  run("strict, owners are seen, 2 faults, 2 rotations", { ...two, ownersAreSeen: true }),
  run("strict, restarts, 2 faults", { faults: 2, restarts: 1 }),
  run("strict, storage that forgets, 1 fault, 2 rotations", { rotations: 2, faultKinds }),
  run("strict, revoked by the user, 1 fault", { revocations: 1 }),
  run("strict, replaceGrant at any time, 2 faults", { faults: 2, replacements: 1 }),
  run("lenient, 2 faults, 2 rotations", { ...two, server: "lenient" }),
  run("same, 2 faults, 2 rotations", { ...two, server: "same" }),
  run("same, grace of 3 leases, 2 faults", { faults: 2, server: "same", graceLeases: 3 }),
  run("same, replaceGrant at any time, 1 fault, 2 rotations", { server: "same", replacements: 1, rotations: 2 }),
  run("siblings, 2 faults, 2 rotations", { ...two, server: "siblings" }),
  run("siblings, grace of 3 leases, 2 faults", { faults: 2, server: "siblings", graceLeases: 3 }),
  run("last, 2 faults", { faults: 2, server: "last" })
]

/** The faults that matter most, for three processes. */
const six: ReadonlyArray<FaultKind> = [
  "crash",
  "freeze",
  "request lost",
  "response lost",
  "write failed",
  "write unacknowledged"
]
const three = { processes: 3, faults: 2, faultKinds: six }

/** What takes a minute and more: `GRANT_MODEL=full` explores it too. */
export const fullRuns: ReadonlyArray<Run> = [
  run("strict, 2 faults, 3 rotations", { faults: 2, rotations: 3 }),
  run("strict, 3 faults", { faults: 3 }),
  run("strict, 3 processes, 2 faults of 6 kinds", three),
  run("strict, 3 processes, 1 fault, 2 rotations", { processes: 3, rotations: 2 }),
  run("strict, owners are seen, 3 processes, 2 faults of 6 kinds", { ...three, ownersAreSeen: true }),
  run("strict, owners are seen, 3 faults", { faults: 3, ownersAreSeen: true }),
  run("strict, storage that forgets, 2 faults", { faults: 2, faultKinds }),
  run("strict, replaceGrant at any time, 2 faults, 2 rotations", { ...two, replacements: 1 }),
  run("lenient, 3 processes, 2 faults of 6 kinds", { ...three, server: "lenient" }),
  run("lenient, 3 faults", { faults: 3, server: "lenient" }),
  run("same, 2 faults, 3 rotations", { faults: 2, rotations: 3, server: "same" }),
  run("same, 3 processes, 2 faults of 6 kinds", { ...three, server: "same" }),
  run("same, 3 faults", { faults: 3, server: "same" }),
  run("same, grace of 4 leases, 3 faults", { faults: 3, server: "same", graceLeases: 4 }),
  run("same, storage that forgets, 2 faults", { faults: 2, server: "same", faultKinds }),
  run("siblings, 3 processes, 2 faults of 6 kinds", { ...three, server: "siblings" }),
  run("siblings, 3 faults", { faults: 3, server: "siblings" }),
  run("last, 2 faults, 2 rotations", { ...two, server: "last" }),
  run("last, 3 processes, 1 fault", { processes: 3, server: "last" }),
  run("last, owners are seen, 2 faults, 2 rotations", { ...two, server: "last", ownersAreSeen: true })
]
