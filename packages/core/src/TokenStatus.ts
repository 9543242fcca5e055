import type { LifetimeSource } from "./AccessToken.ts"
import type { AuthErrorCode } from "./AuthError.ts"
import type { HeldToken } from "./internal/tokenLife.ts"
import type { StorageCapabilities } from "./TokenStorage.ts"

/**
 * What an operator asks: is there a token, since when, and what went wrong last (OBS-2). It holds no secret.
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
  /** When the token is renewed before its end, in epoch milliseconds; absent while its end is not known. */
  readonly nextRenewalAt?: number
  readonly lastError?: { readonly code: AuthErrorCode; readonly message: string; readonly at: number }
  /** `"unused"` before the first use. */
  readonly storage: StorageCapabilities & { readonly state: "unused" | "ok" | "degraded" }
  /** The right to renew for all who share the storage: held by this client, or waited for while `owner` has it. */
  readonly lease: { readonly state: "none" | "held" | "waiting"; readonly owner?: string }
}

/** What a status tells of a token. */
export const statusOf = ({ age, renewAt, token }: HeldToken): Pick<TokenStatus, "token" | "nextRenewalAt"> => {
  const nextRenewalAt = renewAt()
  return {
    token: {
      id: token.id,
      issuedAt: token.issuedAt,
      age: Math.round(age()),
      ...(token.expiresAt === undefined ? undefined : { expiresAt: token.expiresAt }),
      lifetimeSource: token.lifetimeSource
    },
    ...(nextRenewalAt === undefined ? undefined : { nextRenewalAt })
  }
}
