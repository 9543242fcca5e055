import type { DeeplyLocation } from "../events/DeeplyEvent.ts"

/**
 * A microphone, with the API's own field names. Undocumented fields stay in the object, but not in this type.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyMic } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const detects = ({ status, thresholds }: DeeplyMic, label: string) => status === "active" && label in thresholds
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(detects(await deeply.mics.get("mic-1"), "glass_break")) // => true
 * ```
 */
export interface DeeplyMic {
  readonly id: string
  readonly name: string
  /** The network address of the microphone. */
  readonly host: string
  readonly edge_id: string
  readonly status: "active" | "inactive"
  /** The lowest confidence, 0 to 1, at which a label is reported; the keys are label ids. */
  readonly thresholds: Readonly<Record<string, number>>
  readonly location: DeeplyLocation
  /** ISO 8601. */
  readonly created_at: string
  /** ISO 8601. */
  readonly updated_at: string
}
