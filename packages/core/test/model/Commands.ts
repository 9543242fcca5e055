import type { RejectionReason } from "../../src/index.ts"
import type { Ending } from "./OtherProcess.ts"
import type { IssuerMood } from "./World.ts"
import type { Moods, Operation } from "./WorldStorage.ts"

/** An instant that matters to the token in hand, or to a refusal. */
type Mark = "window" | "lateWindow" | "end" | "refusal"

/** How far a clock goes: so long, or to a mark and a little further or less. */
export type Span = { readonly ms: number } | { readonly mark: Mark; readonly off: number }

export type Command =
  | { readonly do: "get"; readonly times: number }
  | { readonly do: "peek" }
  | {
      readonly do: "reject"
      readonly back: number
      readonly how: RejectionReason
      readonly by: "token" | "id" | "text"
    }
  | { readonly do: "advance" | "wallStands"; readonly by: Span }
  | { readonly do: "wallJumps"; readonly ms: number }
  | { readonly do: "key"; readonly key: string }
  | { readonly do: "issuer" | "answer"; readonly mood: IssuerMood }
  /** An operation of the storage works or fails from now on, for so many times. */
  | {
      readonly do: "storage"
      readonly operation: Operation
      readonly mood: Moods[Operation]
      readonly times: number
      readonly stale: number
    }
  | { readonly do: "otherRenews"; readonly life: number; readonly ago: number }
  | { readonly do: "otherAsks"; readonly robs: boolean; readonly stuck: boolean }
  | { readonly do: "otherEnds"; readonly ending: Ending }
  | { readonly do: "abort"; readonly which: number }
  | { readonly do: "retryKey" }
  | { readonly do: "dispose" }

const spanText = (by: Span): string =>
  "ms" in by ? `by ${by.ms} ms` : `to the ${by.mark}${by.off === 0 ? "" : ` ${by.off > 0 ? "+" : ""}${by.off} ms`}`

const moodText = (what: IssuerMood): string =>
  what.does === "issue"
    ? `issue(life ${what.life})`
    : what.does === "limit"
      ? `limit(${what.millis} ms)`
      : what.does === "refuse"
        ? `refuse${what.documented ? "" : " as a portal would"}`
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
    case "wallStands":
      return `advance the monotonic clock ${spanText(it.by)}`
    case "wallJumps":
      return `set the wall clock by ${it.ms} ms`
    case "key":
      return `the key becomes ${it.key}`
    case "issuer":
      return `the issuer will ${moodText(it.mood)}`
    case "answer":
      return `the open call: ${moodText(it.mood)}`
    case "storage":
      return `${it.operation} ${it.mood}${it.times === Infinity ? "" : ` (${it.times} times)`}${it.mood === "stale" ? ` (record ${it.stale})` : ""}`
    case "otherRenews":
      return `another process renews (life ${it.life}, ${it.ago} ms ago)`
    case "otherAsks":
      return `another process asks for the lease${it.robs ? ", whoever has it" : ""}${it.stuck ? ", and keeps it" : ""}`
    case "otherEnds":
      return `the other process ${it.ending.how}`
    case "abort":
      return `abort waiting caller ${it.which}`
    default:
      return it.do
  }
}
