import { ask, start } from "./childProcess.ts"

export interface ServerSettings {
  /** Whether each new token voids the one before. */
  readonly voidsPrevious: boolean
  /** Milliseconds before a token response is sent; the token is valid before. */
  readonly tokenDelay: number
  /** Milliseconds before any other response is sent. */
  readonly delay: number
}

export interface ServerRequest {
  readonly settings?: ServerSettings
  /** Voids all tokens. */
  readonly revoke?: boolean
}

export interface ServerState {
  readonly tokenRequests: number
}

/** The server of the race, which all clients use. */
export const startServer = async () => {
  const { child, first, stop } = await start("server.ts")
  const request = (message: ServerRequest) => ask<ServerState>(child, message)
  return {
    base: `http://127.0.0.1:${Number(first)}`,
    set: (settings: Partial<ServerSettings>) =>
      request({ settings: { voidsPrevious: false, tokenDelay: 0, delay: 0, ...settings } }),
    revoke: () => request({ revoke: true }),
    /** How many token requests it has received so far. */
    tokenRequests: async () => (await request({})).tokenRequests,
    [Symbol.asyncDispose]: stop
  }
}

export type Server = Awaited<ReturnType<typeof startServer>>
