/**
 * The state of a refresh token that all clients share. It contains no secret.
 *
 * @example
 * ```ts
 * import type { GrantStatus } from "@tokenkeep/core"
 *
 * const status: GrantStatus = { id: "acme", state: "ok", generation: 3, since: 1_640_995_200_000 }
 * console.log(status.state) // => ok
 * ```
 */
export interface GrantStatus {
  readonly id: string
  /** `"exchanging"` while a client replaces the refresh token; `"rejected"` and `"lost"` until there is a new consent. */
  readonly state: "ok" | "exchanging" | "rejected" | "lost"
  /** How often the refresh token was replaced since the consent. */
  readonly generation: number
  /** When the state began, in epoch milliseconds. */
  readonly since: number
  /** When the refresh token expires, in epoch milliseconds, if the server says so. */
  readonly refreshTokenExpiresAt?: number | undefined
}
