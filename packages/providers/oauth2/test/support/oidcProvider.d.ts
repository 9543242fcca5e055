// The package has no types: these are the parts that the tests use.
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http"

  export interface StoredToken {
    readonly clientId: string
    readonly scope?: string
    readonly aud?: string | ReadonlyArray<string>
    readonly isExpired: boolean
    destroy(): Promise<void>
  }

  export interface Finder {
    find(token: string): Promise<StoredToken | undefined>
  }

  export interface Consent {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export interface Context {
    readonly oidc: { readonly params?: { readonly refresh_token?: string } }
  }

  export class Provider {
    constructor(issuer: string, configuration: object)
    readonly ClientCredentials: Finder
    readonly AccessToken: Finder
    readonly Client: { find(id: string): Promise<object | undefined> }
    readonly Grant: (new (fields: object) => Consent) & {
      find(id: string): Promise<{ destroy(): Promise<void> } | undefined>
    }
    readonly RefreshToken: Finder & (new (fields: object) => { save(): Promise<string> })
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    on(event: string, listener: (context: Context, ...rest: ReadonlyArray<unknown>) => void): this
  }

  export const errors: { readonly InvalidTarget: new () => Error }
}
