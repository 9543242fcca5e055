/** What every request of the race is sent to. */
export const path = "/api/v1/events"

export interface RivalOptions {
  /** The URL of the server that issues tokens and takes requests. */
  readonly base: string
  /** The credential. Another one has tokens of its own. */
  readonly key: string
  /** A directory, or a Redis, for what processes share. */
  readonly storage?: string | undefined
}

/** The body of a POST with JSON; a GET has none. */
export type Body = string | undefined

/** A client of one credential, set up as the documentation of its library shows. */
export interface Rival {
  /** Returns the cached token, as a caller gets it. Not every library has such a function. */
  readonly token?: () => unknown
  /** Sends a request, reads the response and returns its status. May reject instead. */
  readonly send: (path: string, body?: Body) => Promise<number>
  readonly close?: () => Promise<void>
}

export type CreateRival = (options: RivalOptions) => Rival | Promise<Rival>

/** A token of the server, for libraries that leave the token request to their user. */
export interface Token {
  readonly token: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

const form = new URLSearchParams({ grant_type: "client_credentials" }).toString()

/** Sends a token request with client credentials. */
export const requestToken = async ({ base, key }: RivalOptions): Promise<Token> => {
  const response = await fetch(`${base}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`app:${key}`)}`, "content-type": "application/x-www-form-urlencoded" },
    body: form
  })
  const answer = (await response.json()) as { readonly access_token: string; readonly expires_in: number }
  return { token: answer.access_token, expiresAt: Date.now() + answer.expires_in * 1_000 }
}

/** The options of `fetch`. */
export const initOf = (body: Body, headers: Record<string, string> = {}): RequestInit =>
  body === undefined
    ? { headers }
    : { method: "POST", body, headers: { "content-type": "application/json", ...headers } }

/** Reads a response, as every caller does. */
export const statusOf = async (response: Response): Promise<number> => {
  await response.text()
  return response.status
}
