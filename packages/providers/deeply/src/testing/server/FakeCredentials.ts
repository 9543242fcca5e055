/**
 * The kind of credential in a request's `Authorization` header. A revoked key is still an `"api-key"`, and an expired
 * token is still an `"access-token"`.
 *
 * @example
 * ```ts
 * import { type AuthorizationKind, createFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * const fake = createFakeDeeply()
 * const headers = { authorization: `Bearer ${fake.apiKey}` }
 * await fake.handle(new Request("http://fake/api/v1/auth/reissue", { headers }))
 * const kinds: AuthorizationKind[] = fake.stats.log.map(({ authorization }) => authorization)
 * console.log(kinds.join()) // => api-key
 * ```
 */
export type AuthorizationKind = "api-key" | "access-token" | "other" | "none"

interface Issued {
  readonly serial: number
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** @internal How tokens are issued. */
export interface TokenRules {
  readonly now: () => number
  /** Milliseconds; `Infinity` if tokens do not expire. */
  readonly tokenLifetime: number
  readonly jwt: boolean
  readonly voidPrevious: boolean
}

const randomHex = (bytes: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("")

/** Hex digits contain no word that a check for sample keys could match. */
const randomKey = () => `dk_${randomHex(24)}`

const base64url = (value: unknown) =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

/** `exp` is in whole seconds. It is rounded down, so that the server accepts the token until then. */
const jwt = (now: number, expiresAt: number) => {
  const times = { iat: Math.floor(now / 1000), ...(expiresAt < Infinity && { exp: Math.floor(expiresAt / 1000) }) }
  return `${base64url({ alg: "none", typ: "JWT" })}.${base64url({ jti: randomHex(16), ...times })}.`
}

/** Matches every token that this server issues. */
const tokenShapes = /dt_[0-9a-f]{48}|eyJ[\w-]+\.[\w-]+\.[\w-]*/g

/** @internal The API key and the access tokens of one fake server. */
export class FakeCredentials {
  readonly #rules: TokenRules
  /** Revoked keys stay here: they are still secrets, and sending one is still a leak. */
  readonly #keys = new Set<string>()
  readonly #tokens = new Map<string, Issued>()
  #key: string
  #keyRevoked = false
  #serial = 0
  /** `expireTokens` expired the tokens up to this serial. */
  #expiredUpTo = 0
  /** The server does not know the tokens up to this serial: they were revoked, or a later token replaced them. */
  #revokedUpTo = 0

  constructor(apiKey: string | undefined, rules: TokenRules) {
    this.#rules = rules
    this.#key = this.#remember(apiKey ?? randomKey())
  }

  get apiKey(): string {
    return this.#key
  }

  #remember(key: string): string {
    this.#keys.add(key)
    return key
  }

  rotateKey(): string {
    this.#keyRevoked = false
    this.#key = this.#remember(randomKey())
    return this.#key
  }

  revokeKey(): void {
    this.#keyRevoked = true
  }

  acceptsKey(value: string): boolean {
    return value === this.#key && !this.#keyRevoked
  }

  issue(): string {
    const now = this.#rules.now()
    const expiresAt = now + this.#rules.tokenLifetime
    const token = this.#rules.jwt ? jwt(now, expiresAt) : `dt_${randomHex(24)}`
    if (this.#rules.voidPrevious) this.#revokedUpTo = this.#serial
    this.#serial += 1
    this.#tokens.set(token, { serial: this.#serial, expiresAt })
    return token
  }

  expireTokens(): void {
    this.#expiredUpTo = this.#serial
  }

  revokeTokens(): void {
    this.#revokedUpTo = this.#serial
  }

  tokenState(token: string): "valid" | "expired" | "invalid" {
    const issued = this.#tokens.get(token)
    if (issued === undefined || issued.serial <= this.#revokedUpTo) return "invalid"
    return issued.serial <= this.#expiredUpTo || this.#rules.now() >= issued.expiresAt ? "expired" : "valid"
  }

  kindOf(header: string | null): AuthorizationKind {
    if (header === null) return "none"
    const credential = bearer(header)
    if (credential === undefined) return "other"
    if (this.#keys.has(credential)) return "api-key"
    return this.#tokens.has(credential) ? "access-token" : "other"
  }

  /** Whether `text` contains a current or former API key, as it is or URL-encoded. */
  containsKey(text: string): boolean {
    return this.#spellings().some((key) => text.includes(key))
  }

  /** Replaces every API key, and everything that looks like a token. */
  redact(text: string): string {
    const withoutTokens = text.replaceAll(tokenShapes, "[access-token]")
    return this.#spellings().reduce((rest, key) => rest.replaceAll(key, "[api-key]"), withoutTokens)
  }

  #spellings(): readonly string[] {
    return [...this.#keys].flatMap((key) => [key, encodeURIComponent(key)])
  }
}

/** @internal The credential of a `Bearer` header; `undefined` for another scheme. */
export const bearer = (header: string | null): string | undefined => /^bearer +(\S.*)$/i.exec(header ?? "")?.[1]
