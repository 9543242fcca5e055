import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { StorageFailure } from "../ports/TokenStorage.ts"
import type { TokenExchange } from "../token-request/TokenExchange.ts"

/** The record of the grant has to be loaded again, after this many milliseconds. */
export class LookAgain extends Data.TaggedError("LookAgain")<{ readonly millis: number }> {}

/** One use of a refresh token, as the code that sends it sees it. */
export interface GrantUse {
  readonly refreshToken: () => string
  /** For how long it may still be sent, in milliseconds; negative also if it was sent and the result is unknown. */
  readonly timeLeft: () => number
  /** Fails if it may no longer be sent: another client may soon send the same one, or this client was disposed. */
  readonly check: Effect.Effect<void, TokenkeepError>
  /** Called right before the refresh token is sent. */
  readonly onSend: () => void
  /** Called with the transport's error. */
  readonly onSendFailed: (error: unknown) => void
  /** Called with the response before it is validated: stores the next refresh token, or that this one was rejected. */
  readonly settle: (exchange: TokenExchange) => Effect.Effect<void, TokenkeepError | LookAgain | StorageFailure>
}
