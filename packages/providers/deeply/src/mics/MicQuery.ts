import type { PageQuery } from "../pages/Page.ts"

/**
 * Selects microphones by name and edge server.
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
