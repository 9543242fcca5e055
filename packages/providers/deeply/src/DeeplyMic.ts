import type { DeeplyLocation } from "./DeeplyEvent.ts"
import type { PageQuery } from "./Page.ts"

/**
 * A microphone, as the API gives it: names and texts are those on the wire, and what is not documented is in it too, but
 * not in this type.
 *
 * @example
 * ```ts
 * import { createDeeply, type DeeplyMic } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const hears = ({ status, thresholds }: DeeplyMic, label: string) => status === "active" && label in thresholds
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log(hears(await deeply.mics.get("mic-1"), "glass_break")) // => true
 * ```
 */
export interface DeeplyMic {
  readonly id: string
  readonly name: string
  /** Its network address. */
  readonly host: string
  readonly edge_id: string
  readonly status: "active" | "inactive"
  /** From which confidence on a label counts: 0 to 1, by the label's id. */
  readonly thresholds: Readonly<Record<string, number>>
  readonly location: DeeplyLocation
  /** ISO 8601. */
  readonly created_at: string
  /** ISO 8601. */
  readonly updated_at: string
}

/**
 * Which microphones.
 *
 * @example
 * ```ts
 * import type { MicQuery } from "@tokenkeep/deeply"
 *
 * const query: MicQuery = { name: "Lobby", edge_id: "edge-1" }
 * console.log(query.name) // => Lobby
 * ```
 */
export interface MicQuery extends PageQuery {
  readonly name?: string | undefined
  readonly edge_id?: string | undefined
}
