import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { ApiKey } from "../credentials/ApiKey.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { StorageFailure } from "../ports/TokenStorage.ts"
import type { LeaseLost, OwnLease } from "../storage/lease.ts"
import type { IssuedToken } from "../token-request/tokenRequester.ts"
import type { GrantStatus } from "./GrantStatus.ts"
import type { LookAgain } from "./GrantUse.ts"

/** Why an exchange returns no token. */
export type ExchangeFailure = TokenkeepError | LookAgain | LeaseLost | StorageFailure

/** The refresh token that clients share. */
export interface Grants {
  /** The name of its records in the storage. */
  readonly name: Effect.Effect<string>
  /**
   * Loads the record before a stored access token is adopted, without the lease, and puts a configured refresh token in
   * place that was never seen. Returns why no access token can be requested: the grant is over, or an interrupted exchange
   * may not be repeated yet.
   */
  readonly check: Effect.Effect<TokenkeepError | undefined, TokenkeepError | StorageFailure>
  /** Exchanges the refresh token for an access token and the next refresh token. */
  readonly exchange: (
    credential: Credential,
    lease: OwnLease | undefined,
    claim: Effect.Effect<number, LeaseLost>
  ) => Effect.Effect<IssuedToken, ExchangeFailure>
  /** Puts a new consent in place, for all clients. */
  readonly replace: (refreshToken: string | Redacted.Redacted) => Effect.Effect<void, TokenkeepError | StorageFailure>
  /** The record as it was seen last. */
  readonly status: () => GrantStatus | undefined
  /** Whether a text contains a part of a refresh token that was seen recently. */
  readonly holdsSecret: (text: string) => boolean
  /** Whether no response and no save is awaited. */
  readonly isIdle: () => boolean
  /** Ends when no response and no save is awaited, or the deadline is over; what is left then is stopped. */
  readonly close: Effect.Effect<void>
}

/** The credential of the client that sends the refresh token. */
export interface Credential {
  readonly key: ApiKey
  readonly name: string
}

/** A refresh token that the storage may not hold: every use fails in the same way. */
export const unusableGrants = (name: Effect.Effect<string>, error: TokenkeepError): Grants => ({
  name,
  check: Effect.fail(error),
  exchange: () => Effect.fail(error),
  replace: () => Effect.fail(error),
  status: () => undefined,
  holdsSecret: () => false,
  isIdle: () => true,
  close: Effect.void
})
