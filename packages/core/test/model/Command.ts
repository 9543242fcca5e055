import type { RejectionReason } from "../../src/index.ts"
import type { Ending } from "./OtherProcess.ts"
import type { IssuerBehaviour } from "./World.ts"
import type { Behaviours, Operation } from "./WorldStorage.ts"

/** An instant that matters to the current token, or to a rejection. */
type Mark = "window" | "lateWindow" | "end" | "rejection"

/** How far a clock advances: by a duration, or to a mark and a little further or less. */
export type Span = { readonly ms: number } | { readonly mark: Mark; readonly off: number }

export type Command =
  | { readonly do: "get"; readonly times: number }
  | { readonly do: "peek" }
  | {
      readonly do: "reject"
      readonly back: number
      readonly how: RejectionReason
      readonly by: "token" | "id" | "value"
    }
  | { readonly do: "advance" | "monotonicAdvances"; readonly by: Span }
  | { readonly do: "wallJumps"; readonly ms: number }
  | { readonly do: "key"; readonly key: string }
  | { readonly do: "issuer" | "respond"; readonly behaviour: IssuerBehaviour }
  /** An operation of the storage works or fails from now on, for this many calls. */
  | {
      readonly do: "storage"
      readonly operation: Operation
      readonly behaviour: Behaviours[Operation]
      readonly times: number
      readonly stale: number
    }
  | { readonly do: "otherRenews"; readonly lifetime: number; readonly ago: number }
  | { readonly do: "otherAcquires"; readonly steals: boolean; readonly stuck: boolean }
  | { readonly do: "otherFinishes"; readonly ending: Ending }
  | { readonly do: "abort"; readonly which: number }
  | { readonly do: "retryKey" }
  | { readonly do: "dispose" }

const spanText = (by: Span): string =>
  "ms" in by ? `by ${by.ms} ms` : `to the ${by.mark}${by.off === 0 ? "" : ` ${by.off > 0 ? "+" : ""}${by.off} ms`}`

const behaviourText = (what: IssuerBehaviour): string =>
  what.does === "issue"
    ? `issue(life ${what.lifetime})`
    : what.does === "limit"
      ? `limit(${what.millis} ms)`
      : what.does === "reject"
        ? `reject${what.documented ? "" : " as a portal"}`
        : what.does

/** A command as a line of a script. */
export const commandText = (it: Command): string => {
  switch (it.do) {
    case "get":
      return `get${it.times === 1 ? "" : ` × ${it.times}`}`
    case "reject":
      return `reject the token ${it.back} back as ${it.how}, by its ${it.by}`
    case "advance":
      return `advance both clocks ${spanText(it.by)}`
    case "monotonicAdvances":
      return `advance the monotonic clock ${spanText(it.by)}`
    case "wallJumps":
      return `set the wall clock by ${it.ms} ms`
    case "key":
      return `the key becomes ${it.key}`
    case "issuer":
      return `the issuer will ${behaviourText(it.behaviour)}`
    case "respond":
      return `the open request: ${behaviourText(it.behaviour)}`
    case "storage":
      return `${it.operation} ${it.behaviour}${it.times === Infinity ? "" : ` (${it.times} times)`}${it.behaviour === "stale" ? ` (record ${it.stale})` : ""}`
    case "otherRenews":
      return `another process renews (lifetime ${it.lifetime}, ${it.ago} ms ago)`
    case "otherAcquires":
      return `another process asks for the lease${it.steals ? ", although it is taken" : ""}${it.stuck ? ", and never releases it" : ""}`
    case "otherFinishes":
      return `the other process ${it.ending.how}`
    case "abort":
      return `abort waiting caller ${it.which}`
    default:
      return it.do
  }
}
