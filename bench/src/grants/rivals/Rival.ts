import type { SharedTokens } from "./SharedTokens.ts"

/** What a rival gets to know about one grant. */
export interface RivalOptions {
  readonly grant: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly tokens: SharedTokens
}

/** Sends one request with an access token of the grant. */
type RivalFetch = (url: string) => Promise<Response>

/** A client of one grant, written as the README of its library shows. */
export type Rival = (options: RivalOptions) => RivalFetch

export const fetchWith = (url: string, accessToken: string): Promise<Response> =>
  fetch(url, { headers: { authorization: `Bearer ${accessToken}` } })
