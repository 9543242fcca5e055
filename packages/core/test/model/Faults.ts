import { between, type Verdict } from "./Holding.ts"
import type { Flight } from "./Ledger.ts"
import { grace, probeRange } from "./Rules.ts"
import type { WorldOptions } from "./World.ts"
import type { WorldClock } from "./WorldClock.ts"
import type { Fault, Operation } from "./WorldStorage.ts"

/** How the first storage worked in one renewal. */
export interface Faults {
  /** How often it was asked, and failed. */
  asked: number
  failed: number
  /** The operation that fails and is tried again, since when, and whether that is known to be of no use. */
  failing: { readonly operation: Operation; readonly since: number; readonly isInsecure: boolean } | undefined
}

/** The longest time that one operation has, in milliseconds. */
const longestOperation = 2_000

/** STO-2: a storage that fails is waited for, then called degraded and left alone, and comes back by itself. */
export const faultRules = (
  clock: WorldClock,
  options: WorldOptions,
  { claim, reached }: { claim: (isSo: boolean, what: string) => void; reached: Set<string> }
) => {
  let isDegraded = false
  /** When it failed last, and was to be rejoined last, in monotonic milliseconds. */
  let failedAt = -Infinity
  let rejoinedAt = -Infinity

  /** Whether a storage has failed for long enough to be given up. */
  const isGivenUp = ({ failing }: Faults): boolean => {
    if (failing === undefined) return false
    return failing.isInsecure || isDegraded || clock.mono - failing.since >= grace
  }

  /** Whether what it needs of the storage fails. It can do without another look, once it was elected or has a token. */
  const isFailing = ({ faults: { failing }, products, term }: Flight): boolean => {
    if (failing?.operation !== "load")
      return failing !== undefined && (failing.operation === "save" || term?.lease === undefined)
    return term?.lease === undefined && products.length === 0
  }

  return {
    isDegraded: () => isDegraded,
    begins: (): Faults => ({ asked: 0, failed: 0, failing: undefined }),
    asked: (faults: Faults, operation: Operation, fault: Fault | undefined) => {
      faults.asked += 1
      if (fault === undefined) {
        if (faults.failing !== undefined && !isDegraded) reached.add("a fault that was waited out")
        faults.failing = undefined
        return
      }
      faults.failed += 1
      failedAt = clock.mono
      const before = faults.failing?.operation === operation ? faults.failing : undefined
      faults.failing = {
        operation,
        since: before?.since ?? clock.mono,
        isInsecure: before?.isInsecure === true || fault === "insecure"
      }
    },
    degraded: (flight: Flight | undefined) => {
      claim(!isDegraded, "STO-2, OBS-1: the storage is called degraded twice")
      claim(
        flight !== undefined && (isGivenUp(flight.faults) || flight.isStuck),
        "STO-2: the storage is given up, and did not fail for long enough"
      )
      isDegraded = true
      failedAt = clock.mono
    },
    recovered: (flight: Flight | undefined) => {
      claim(isDegraded, "STO-2, OBS-1: the storage is called recovered, and was not degraded")
      const hasWorked = flight !== undefined && flight.faults.asked > flight.faults.failed
      claim(hasWorked && !isFailing(flight), "STO-2: the storage is called recovered, and fails")
      isDegraded = false
    },
    /** A renewal ends. */
    ends: (flight: Flight) => {
      const { asked, failed } = flight.faults
      if (flight.isStuck) failedAt = clock.mono
      if (asked > 0 && failed === 0 && !flight.isStuck) {
        claim(!isDegraded, "STO-2: the storage works, and is called degraded")
      }
      if (isFailing(flight) && flight.term?.place !== "second") {
        claim(isDegraded, "STO-2: the storage fails, and is not called degraded")
      }
    },
    rejoined: () => {
      rejoinedAt = clock.mono
    },
    /** Whether a hit has to look whether the token can be shared again. */
    rejoin: (): Verdict => {
      if (!isDegraded) return "no"
      const [least, most] = probeRange
      const since = Math.max(failedAt, rejoinedAt)
      return between(clock.mono, [since + least, since + longestOperation + most])
    },
    /** Whether a fault explains a failure: only where the storage is required. */
    isExplained: (flight: Flight, code: string): boolean => {
      if (!options.required) return false
      if (code === "LEASE_TIMEOUT") return flight.isStuck
      if (code === "STORAGE_INSECURE") return flight.faults.failing?.isInsecure === true
      return code === "STORAGE_FAILED" && isGivenUp(flight.faults)
    },
    /** Whether the issuer may be asked although nobody elected the manager. */
    excusesNoLease: (flight: Flight): boolean =>
      isDegraded &&
      !options.required &&
      !options.fallback &&
      (flight.faults.asked === 0 || flight.faults.failing !== undefined || flight.isStuck)
  }
}
