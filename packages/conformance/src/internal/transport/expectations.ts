import { Transport, type TransportResponse } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { LawBroken } from "../../Law.ts"
import { attempt, type Rejected, type TransportBench } from "./bench.ts"

/** How long something may take that should be done soon, in milliseconds. */
const patience = 10_000

const pollInterval = 10

export const broken = (reason: string): Effect.Effect<never, LawBroken> => Effect.fail(new LawBroken({ reason }))

export const ensure = (holds: boolean, reason: string): Effect.Effect<void, LawBroken> =>
  holds ? Effect.void : broken(reason)

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

export const same = (what: string, found: unknown, expected: unknown): Effect.Effect<void, LawBroken> =>
  ensure(Object.is(found, expected), `${what} is ${shown(found)}, not ${shown(expected)}`)

const platform = Transport.fromFetch((url, init) => fetch(url, init))

/**
 * The platform's own fetch in the adapter's place. Where it departs from the standard, an adapter may do either: it
 * cannot undo what the platform does, and its users know the platform's ways.
 */
export const platformSend: TransportBench["send"] = (url, init = {}) => attempt(async () => platform.send(url, init))

/** The text of an answer, as the caller of fetch would read it. */
export const textOf = (response: TransportResponse): Effect.Effect<string, Rejected> =>
  attempt(() => response.toResponse().text())

/** What an effect was rejected with; that it was not breaks the law. */
export const rejectionOf = <A>(
  effect: Effect.Effect<A, Rejected>,
  otherwise: string
): Effect.Effect<unknown, LawBroken> =>
  Effect.matchEffect(effect, {
    onSuccess: () => broken(otherwise),
    onFailure: ({ error }) => Effect.succeed(error)
  })

/** Looks until it holds. */
export const eventually = Effect.fnUntraced(function* (holds: () => boolean, reason: () => string) {
  const end = (yield* Clock.currentTimeMillis) + patience
  while (!holds()) {
    if ((yield* Clock.currentTimeMillis) >= end) return yield* broken(reason())
    yield* Effect.sleep(pollInterval)
  }
})

/** Waits for something that has to come soon. */
export const soon = <A, E>(effect: Effect.Effect<A, E>, otherwise: string): Effect.Effect<A, E | LawBroken> =>
  Effect.timeoutOrElse(effect, { duration: patience, orElse: () => broken(otherwise) })

/** The next piece of a body; nothing when it is over. */
export const pieceOf = (
  reader: ReadableStreamDefaultReader<Uint8Array>
): Effect.Effect<Uint8Array | undefined, Rejected> =>
  Effect.map(
    attempt(() => reader.read()),
    ({ value }) => value
  )

/** A body to read in pieces; that there is none breaks the law. */
export const readerOf = ({ body }: TransportResponse) =>
  body === null ? broken("the answer has no body") : Effect.sync(() => body.getReader())
