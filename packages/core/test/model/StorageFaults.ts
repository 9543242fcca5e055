import type { Renewal } from "./ModelState.ts"
import { grace } from "./Rules.ts"
import type { ProbeRules } from "./StorageProbe.ts"
import type { WorldOptions } from "./World.ts"
import type { WorldClock } from "./WorldClock.ts"
import type { Fault, Operation } from "./WorldStorage.ts"

/** How the primary storage worked during one renewal. */
export interface Faults {
  /** How often it was called, and failed. */
  called: number
  failed: number
  /** The operation that fails and is retried, since when, and whether retrying it is known to be useless. */
  failing:
    | {
        readonly operation: Operation
        readonly since: number
        readonly isInsecure: boolean
        readonly wasDegraded: boolean
      }
    | undefined
  /** A probe ran when it began: its outcome may count in place of this renewal's. */
  readonly overlaps: boolean
}

/** STO-2: a storage that fails is retried, then degraded and not used for a while, and recovers by itself. */
export const faultRules = (
  clock: WorldClock,
  options: WorldOptions,
  probes: ProbeRules,
  { claim, reached }: { claim: (holds: boolean, what: string) => void; reached: Set<string> }
) => {
  let isDegraded = false

  /** Whether the storage has failed for long enough to be degraded. */
  const isGivenUp = ({ failing }: Faults): boolean => {
    if (failing === undefined) return false
    return failing.isInsecure || failing.wasDegraded || isDegraded || clock.mono - failing.since >= grace
  }

  /** Whether what the renewal needs of the storage fails. With a lease or a token, it needs no further load. */
  const isFailing = ({ faults: { failing }, tokens, attempt }: Renewal): boolean => {
    if (failing?.operation !== "load")
      return failing !== undefined && (failing.operation === "save" || attempt?.lease === undefined)
    return attempt?.lease === undefined && tokens.length === 0
  }

  return {
    isDegraded: () => isDegraded,
    begins: (): Faults => ({ called: 0, failed: 0, failing: undefined, overlaps: probes.renewalBegins() }),
    called: (faults: Faults, operation: Operation, fault: Fault | undefined) => {
      faults.called += 1
      if (fault === undefined) {
        if (faults.failing !== undefined && !isDegraded) reached.add("a fault shorter than the grace")
        faults.failing = undefined
        return
      }
      faults.failed += 1
      probes.storageFailed()
      const before = faults.failing?.operation === operation ? faults.failing : undefined
      faults.failing = {
        operation,
        since: before?.since ?? clock.mono,
        isInsecure: before?.isInsecure === true || fault === "insecure",
        wasDegraded: before?.wasDegraded ?? isDegraded
      }
    },
    degraded: (renewal: Renewal | undefined) => {
      claim(!isDegraded, "STO-2, OBS-1: storage-degraded is reported twice")
      claim(
        probes.explains("degraded") || (renewal !== undefined && (isGivenUp(renewal.faults) || renewal.isStuck)),
        "STO-2: the storage is degraded before the grace is over"
      )
      isDegraded = true
      probes.storageFailed()
    },
    recovered: (renewal: Renewal | undefined) => {
      claim(isDegraded, "STO-2, OBS-1: storage-recovered is reported for a storage that was not degraded")
      const hasWorked = renewal !== undefined && renewal.faults.called > renewal.faults.failed
      claim(
        probes.explains("recovered") || (hasWorked && !isFailing(renewal)),
        "STO-2: the storage recovers although it fails"
      )
      isDegraded = false
    },
    /** A renewal ends. */
    ends: (renewal: Renewal) => {
      const { called, failed } = renewal.faults
      if (renewal.isStuck) probes.storageFailed()
      probes.renewalEnds()
      if (called > 0 && failed === 0 && !renewal.isStuck && !renewal.faults.overlaps) {
        claim(!isDegraded, "STO-2: the storage works, and stays degraded")
      }
      if (isFailing(renewal) && renewal.attempt?.place !== "fallback") {
        claim(isDegraded, "STO-2: the storage fails, and is not degraded")
      }
    },
    /** Whether a fault explains a failure: only if the storage is required. */
    explains: (renewal: Renewal, code: string): boolean => {
      if (!options.required) return false
      if (code === "LEASE_TIMEOUT") return renewal.isStuck
      if (code === "STORAGE_INSECURE") return renewal.faults.failing?.isInsecure === true
      return code === "STORAGE_FAILED" && isGivenUp(renewal.faults)
    },
    /** Whether a token request without a lease is allowed. */
    allowsNoLease: (renewal: Renewal): boolean =>
      isDegraded &&
      !options.required &&
      !options.fallback &&
      (renewal.faults.called === 0 || renewal.faults.failing !== undefined || renewal.isStuck)
  }
}
