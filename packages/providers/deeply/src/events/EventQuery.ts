import type { PageQuery } from "../pages/Page.ts"
import type { DeeplyLabelId } from "./DeeplyEvent.ts"

/**
 * Selects events by time, microphone and label.
 *
 * @example
 * ```ts
 * import type { EventQuery } from "@tokenkeep/deeply"
 *
 * const query: EventQuery = { label_id: ["save_me", "help_me"], start: new Date(0), size: 100 }
 * console.log(Object.keys(query).join()) // => label_id,start,size
 * ```
 */
export interface EventQuery extends PageQuery {
  /** The earliest time: a `Date`, or a string in ISO 8601, which is sent unchanged. */
  readonly start?: string | Date | undefined
  /** The latest time: a `Date`, or a string in ISO 8601, which is sent unchanged. */
  readonly end?: string | Date | undefined
  /** One microphone id, or several; an event of any of them matches. */
  readonly mic_id?: string | ReadonlyArray<string> | undefined
  /** One label id, or several; an event with any of them matches. */
  readonly label_id?: DeeplyLabelId | ReadonlyArray<DeeplyLabelId> | undefined
}
