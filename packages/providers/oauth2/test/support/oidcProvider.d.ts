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

  export class Provider {
    constructor(issuer: string, configuration: object)
    readonly ClientCredentials: { find(token: string): Promise<StoredToken | undefined> }
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    on(event: string, listener: (...args: ReadonlyArray<never>) => void): this
  }

  export const errors: { readonly InvalidTarget: new () => Error }
}
