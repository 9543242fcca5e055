import { TokenStorage } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { appendFileSync } from "node:fs"
import { digestOf } from "oauth2-issuer/digestOf"
import type { JournalEntry } from "./Protocol.ts"

/** The refresh token in a token request. */
const refreshTokenOf = (body: unknown): string | undefined =>
  typeof body === "string" ? (new URLSearchParams(body).get("refresh_token") ?? undefined) : undefined

/** A storage and a fetch that behave as usual, and record when a refresh token is sent and when its successor is stored. */
export const journaled = (options: {
  readonly file: string
  readonly grant: string
  readonly process: number
  readonly onSend: () => void
}) => {
  const { file, grant, onSend, process } = options
  /** The version of the record with the intent that was written last. */
  let intent: string | undefined
  /** The refresh tokens whose successors were received, by the version of the intent. */
  const exchanged = new Map<string, string>()

  const record = (step: JournalEntry["step"], token: string): void => {
    const entry: JournalEntry = { step, token, grant, process, at: Date.now() }
    // Synchronous, so that no kill after this line can lose the entry.
    appendFileSync(file, `${JSON.stringify(entry)}\n`)
  }

  const journaledStorage = (storage: TokenStorage["Service"]) => {
    const { exclusive } = storage
    if (exclusive === undefined) return storage
    return TokenStorage.of({
      ...storage,
      exclusive: {
        ...exclusive,
        replace: (name, change) =>
          Effect.tap(exclusive.replace(name, change), (isReplaced) =>
            Effect.sync(() => {
              if (!isReplaced) return
              const token = exchanged.get(change.expected ?? "")
              // What replaces the intent after the response is the successor.
              if (token !== undefined) record("stored", token)
              exchanged.delete(change.expected ?? "")
              // Only the intent is written with a fence.
              if (change.fence !== undefined) intent = change.record.version
            })
          )
      }
    })
  }

  return {
    storage: (layer: Layer.Layer<TokenStorage>): Layer.Layer<TokenStorage> =>
      Layer.effect(TokenStorage, Effect.map(TokenStorage, journaledStorage)).pipe(Layer.provide(layer)),
    fetch: async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const refreshToken = refreshTokenOf(init?.body)
      if (refreshToken === undefined) return fetch(input, init)
      const token = digestOf(refreshToken)
      const sentUnder = intent ?? ""
      record("sent", token)
      onSend()
      const response = await fetch(input, init)
      record("received", token)
      if (response.ok) exchanged.set(sentUnder, token)
      return response
    }
  }
}
