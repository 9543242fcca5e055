import { between, type Verdict } from "./CurrentToken.ts"
import { probeRange } from "./Rules.ts"
import type { WorldClock } from "./WorldClock.ts"
import type { Fault, Operation } from "./WorldStorage.ts"

/** The steps of a probe, in order. */
const steps: ReadonlyArray<Operation> = ["load", "save", "remove"]

/** The longest time of one storage operation, in milliseconds. */
const longestOperation = 2_000

/** What a probe adds to the name of the record that it loads. */
const suffix = "-probe"

export const isProbeName = (name: string): boolean => name.endsWith(suffix)

interface Probe {
  readonly name: string
  /** How many steps succeeded. */
  succeeded: number
  fault: Fault | undefined
  isGivenUp: boolean
  /** A renewal ran meanwhile, which may have found the storage failing, or working. */
  overlaps: boolean
}

const isSuccess = (probe: Probe | undefined): boolean => probe?.succeeded === steps.length

const isExpired = (probe: Probe): boolean =>
  isSuccess(probe) || probe.isGivenUp || (probe.fault !== undefined && probe.fault !== "hangs")

/** STO-2: while the storage is degraded, a request on the cached token checks in the background whether it works. */
export const probeRules = (
  clock: WorldClock,
  { claim, reached }: { claim: (holds: boolean, what: string) => void; reached: Set<string> }
) => {
  let probe: Probe | undefined
  /** When the storage failed last, and when a renewal or a probe ended last, in monotonic milliseconds. */
  let failedAt = -Infinity
  let endedAt = -Infinity

  return {
    isUnderway: () => probe !== undefined,
    /** Whether its outcome explains that the storage is degraded now, or has recovered. */
    explains: (what: "degraded" | "recovered"): boolean =>
      what === "recovered" ? isSuccess(probe) : probe?.fault !== undefined,
    /** Whether a request on the cached token starts one now; a renewal needs none. */
    due: (isDegraded: boolean, isRenewing: boolean): Verdict => {
      if (!isDegraded || isRenewing || probe !== undefined) return "no"
      const [least, most] = probeRange
      const since = Math.max(failedAt, endedAt)
      return between(clock.mono, [since + least, since + longestOperation + most])
    },
    storageFailed: () => {
      failedAt = clock.mono
    },
    /** A renewal begins; returns whether a probe runs at the same time. */
    renewalBegins: (): boolean => {
      if (probe !== undefined) probe.overlaps = true
      return probe !== undefined
    },
    renewalEnds: () => {
      endedAt = clock.mono
    },
    begins: (name: string, isDue: boolean) => {
      claim(isDue, "TOK-1, STO-2: a probe at the wrong time")
      claim(probe === undefined, "STO-2: two probes at once")
      probe = { name, succeeded: 0, fault: undefined, isGivenUp: false, overlaps: false }
    },
    called: (operation: Operation, name: string, fault: Fault | undefined) => {
      if (probe === undefined) return claim(false, "STO-2: a step of a probe that has ended")
      claim(steps[probe.succeeded] === operation, `STO-2: ${operation} is not the next step of a probe`)
      claim(
        name === (operation === "load" ? probe.name : probe.name + suffix),
        `STO-2: a probe uses the record ${name}`
      )
      probe.fault = fault
      if (fault === undefined) probe.succeeded += 1
      else failedAt = clock.mono
    },
    givenUp: () => {
      failedAt = clock.mono
      if (probe !== undefined) probe.isGivenUp = true
    },
    /** Everything is at rest: a probe that made its last step is over. */
    settles: (isDegraded: boolean) => {
      if (probe === undefined || !isExpired(probe)) return
      claim(
        !isSuccess(probe) || probe.overlaps || !isDegraded,
        "STO-2: a probe succeeds, and the storage stays degraded"
      )
      reached.add(isSuccess(probe) ? "a probe that succeeds" : "a probe that fails")
      endedAt = clock.mono
      probe = undefined
    }
  }
}

export type ProbeRules = ReturnType<typeof probeRules>
