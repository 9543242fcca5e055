/**
 * What a request's `Authorization` header holds, as the server sees it; keys and tokens that are no longer valid count
 * as what they were.
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

/** @internal How tokens are made. */
export interface TokenRules {
  readonly now: () => number
  /** Milliseconds; `Infinity` for tokens that never expire by themselves. */
  readonly tokenLifetime: number
  readonly jwt: boolean
  readonly voidPrevious: boolean
}

const randomHex = (bytes: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("")

/** Hex digits spell no word that a check for left-over sample keys could take exception to. */
const randomKey = () => `dk_${randomHex(24)}`

const base64url = (value: unknown) =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

/** `exp` is whole seconds, rounded down, so that it never promises more than the server keeps. */
const jwt = (now: number, expiresAt: number) => {
  const times = { iat: Math.floor(now / 1000), ...(expiresAt < Infinity && { exp: Math.floor(expiresAt / 1000) }) }
  return `${base64url({ alg: "none", typ: "JWT" })}.${base64url({ jti: randomHex(16), ...times })}.`
}

/** Every token this server makes has one of these shapes. */
const tokenShapes = /dt_[0-9a-f]{48}|eyJ[\w-]+\.[\w-]+\.[\w-]*/g

/** @internal The API key and the access tokens of one fake server. */
export class FakeCredentials {
  readonly #rules: TokenRules
  /** Revoked keys stay known: they are still secrets, and still leaks. */
  readonly #keys = new Set<string>()
  readonly #tokens = new Map<string, Issued>()
  #key: string
  #keyRevoked = false
  #serial = 0
  /** Tokens up to this serial have been expired by hand. */
  #expired = 0
  /** Tokens up to this serial are unknown to the server: revoked, or voided by a later one. */
  #void = 0

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
    if (this.#rules.voidPrevious) this.#void = this.#serial
    this.#serial += 1
    this.#tokens.set(token, { serial: this.#serial, expiresAt })
    return token
  }

  expireTokens(): void {
    this.#expired = this.#serial
  }

  revokeTokens(): void {
    this.#void = this.#serial
  }

  judge(token: string): "valid" | "expired" | "invalid" {
    const issued = this.#tokens.get(token)
    if (issued === undefined || issued.serial <= this.#void) return "invalid"
    return issued.serial <= this.#expired || this.#rules.now() >= issued.expiresAt ? "expired" : "valid"
  }

  kindOf(header: string | null): AuthorizationKind {
    if (header === null) return "none"
    const credential = bearer(header)
    if (credential === undefined) return "other"
    if (this.#keys.has(credential)) return "api-key"
    return this.#tokens.has(credential) ? "access-token" : "other"
  }

  /** Whether `text` holds a present or past API key, as it is or as a URL writes it. */
  mentionsKey(text: string): boolean {
    return this.#spellings().some((key) => text.includes(key))
  }

  /** `text` with every API key and everything of a token's shape replaced. */
  redact(text: string): string {
    const tokenless = text.replaceAll(tokenShapes, "[access-token]")
    return this.#spellings().reduce((rest, key) => rest.replaceAll(key, "[api-key]"), tokenless)
  }

  #spellings(): readonly string[] {
    return [...this.#keys].flatMap((key) => [key, encodeURIComponent(key)])
  }
}

/** @internal The credential of a `Bearer` header; any other scheme has none. */
export const bearer = (header: string | null): string | undefined => /^bearer +(\S.*)$/i.exec(header ?? "")?.[1]
