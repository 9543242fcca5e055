import type { IncomingMessage, ServerResponse } from "node:http"
// @ts-expect-error The package has no types: these are the parts that are used.
import * as oidcProvider from "oidc-provider"

export interface StoredToken {
  readonly clientId: string
  readonly scope?: string
  readonly aud?: string | ReadonlyArray<string>
  readonly isExpired: boolean
  /** Epoch seconds. */
  readonly exp: number
  destroy(): Promise<void>
}

interface Finder {
  find(token: string, options?: { readonly ignoreExpiration: boolean }): Promise<StoredToken | undefined>
}

/** A code or token: `save` returns the value that the client gets. */
type Saved = new (fields: object) => { save(): Promise<string> }

interface Consent {
  addOIDCScope(scope: string): void
  addResourceScope(resource: string, scope: string): void
  save(): Promise<string>
}

/** A request to the token endpoint, and its response. */
export interface TokenContext {
  readonly req: IncomingMessage
  readonly body?: { readonly refresh_token?: string }
  readonly oidc: { readonly params?: { readonly refresh_token?: string } }
}

export interface Provider {
  readonly ClientCredentials: Finder
  readonly AccessToken: Finder
  readonly AuthorizationCode: Saved
  readonly Client: { find(id: string): Promise<object | undefined> }
  readonly Grant: (new (fields: object) => Consent) & {
    find(id: string): Promise<{ destroy(): Promise<void> } | undefined>
  }
  readonly RefreshToken: Finder & Saved
  callback(): (request: IncomingMessage, response: ServerResponse) => void
  on(event: "grant.success" | "grant.error", listener: (context: TokenContext) => void): this
  on(event: "grant.revoked", listener: (context: object, grantId: string) => void): this
}

export const { errors, Provider } = oidcProvider as {
  readonly errors: { readonly InvalidTarget: new () => Error }
  readonly Provider: new (issuer: string, configuration: object) => Provider
}
