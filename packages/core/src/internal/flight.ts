import * as Deferred from "effect/Deferred"
import type * as Fiber from "effect/Fiber"
import type { AccessToken } from "../AccessToken.ts"
import type { AuthError } from "../AuthError.ts"
import type { RenewalReason } from "../TokenEvent.ts"
import type { Wanted } from "./acquisition.ts"

/** One renewal, shared by all who need it. */
export interface Flight extends Wanted {
  readonly done: Deferred.Deferred<AccessToken, AuthError>
  /** The token is saved as well, or the flight came to nothing. */
  readonly over: Deferred.Deferred<void>
  /** What it came to already, while that is being saved. */
  token?: AccessToken
  /** Its token was given out before it was saved. */
  isServed: boolean
  fiber?: Fiber.Fiber<AccessToken, AuthError>
}

export const makeFlight = (reason: RenewalReason, background: boolean): Flight => ({
  reason,
  background,
  done: Deferred.makeUnsafe(),
  over: Deferred.makeUnsafe(),
  isServed: false,
  waited: 0
})
