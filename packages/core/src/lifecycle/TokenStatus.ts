import type { LifetimeSource } from "../credentials/AccessToken.ts"
import { isCredentialRejection, type TokenkeepErrorCode } from "../errors/errorCodes.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { GrantStatus } from "../grants/GrantStatus.ts"
import type { StorageCapabilities } from "../ports/TokenStorage.ts"
import { ageOf, type CurrentToken, isOver, type Now, renewalAt, type State } from "./tokenState.ts"

/**
 * A client's state for operators: whether there is a token, how old it is, and what failed last. It contains no secret.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 *
 * await using deeply = createDeeply({ apiKey: "sk-live-2f6c1d" })
 * console.log(deeply.status().state) // => empty
 * ```
 */
export interface TokenStatus {
  readonly state: "empty" | "fresh" | "renewing" | "degraded" | "key-rejected" | "disposed"
  readonly token?: {
    readonly id: string
    /** Epoch milliseconds. */
    readonly issuedAt: number
    /** Milliseconds since it was issued. */
    readonly age: number
    /** Epoch milliseconds. */
    readonly expiresAt?: number
    readonly lifetimeSource: LifetimeSource
  }
  /** When the token is renewed in the background, in epoch milliseconds; absent while its lifetime is unknown. */
  readonly nextRenewalAt?: number
  readonly lastError?: { readonly code: TokenkeepErrorCode; readonly message: string; readonly at: number }
  /** `"unused"` before the first use. */
  readonly storage: StorageCapabilities & { readonly state: "unused" | "ok" | "degraded" }
  /** The lease of the storage, the right to renew: this client owns it (`"held"`), or waits while `owner` does. */
  readonly lease: { readonly state: "none" | "held" | "waiting"; readonly owner?: string }
  /** The refresh token, as it was seen last; absent without one, and before the first use. */
  readonly grant?: GrantStatus | undefined
}

/** The part of a status that is about the current token. */
const partOfToken = (current: CurrentToken, now: Now): Pick<TokenStatus, "token" | "nextRenewalAt"> => {
  const { token } = current
  const nextRenewalAt = renewalAt(current, now)
  return {
    token: {
      id: token.id,
      issuedAt: token.issuedAt,
      age: Math.round(ageOf(current, now)),
      ...(token.expiresAt === undefined ? undefined : { expiresAt: token.expiresAt }),
      lifetimeSource: token.lifetimeSource
    },
    ...(nextRenewalAt === undefined ? undefined : { nextRenewalAt })
  }
}

interface LastError {
  readonly error: TokenkeepError
  readonly at: number
}

/** The one word for a client's state: the first that applies. */
const stateOf = (
  hasToken: boolean,
  isRenewing: boolean,
  isDegraded: boolean,
  lastError: LastError | undefined
): TokenStatus["state"] => {
  if (isRenewing) return "renewing"
  if (lastError !== undefined && isCredentialRejection(lastError.error.code)) return "key-rejected"
  if (isDegraded) return "degraded"
  return hasToken ? "fresh" : "empty"
}

/** The parts of a client that have a status of their own. */
interface Parts {
  readonly capabilities: StorageCapabilities
  readonly grants: { readonly status: () => GrantStatus | undefined } | undefined
  readonly isDegraded: () => boolean
  readonly lease: () => TokenStatus["lease"]
}

/** The status of a client that was used. Unlike a look at the token, this starts no renewal. */
export const statusOf = (
  { capabilities, grants, isDegraded, lease }: Parts,
  { current, isRenewing }: State,
  now: Now,
  isDisposed: boolean,
  lastError: LastError | undefined
): TokenStatus => {
  const shown = current === undefined || isOver(current, now) ? undefined : current
  return {
    state: isDisposed ? "disposed" : stateOf(shown !== undefined, isRenewing, isDegraded(), lastError),
    ...(shown && partOfToken(shown, now)),
    ...(lastError && { lastError: { code: lastError.error.code, message: lastError.error.message, at: lastError.at } }),
    storage: { ...capabilities, state: isDegraded() ? "degraded" : "ok" },
    lease: lease(),
    ...(grants && { grant: grants.status() })
  }
}
