import { Transport, type TransportResponse } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import type { ContractViolation } from "../../ContractTest.ts"
import { violated } from "../checks.ts"
import { attempt, type Rejected, type TransportFixture } from "./fixture.ts"

const pollInterval = 10

const platform = Transport.fromFetch((url, init) => fetch(url, init))

/**
 * Sends with the platform's own fetch. Where that departs from the standard, an adapter may do either: it cannot undo
 * what the platform does, and its users know the platform.
 */
export const platformSend: TransportFixture["send"] = (url, init = {}) => attempt(async () => platform.send(url, init))

/** The text of a response, as the caller of fetch reads it. */
export const textOf = (response: TransportResponse): Effect.Effect<string, Rejected> =>
  attempt(() => response.toResponse().text())

/** The error that an effect is rejected with. If it succeeds, `otherwise` says what is wrong. */
export const rejectionOf = <A>(
  effect: Effect.Effect<A, Rejected>,
  otherwise: string
): Effect.Effect<unknown, ContractViolation> =>
  Effect.matchEffect(effect, {
    onSuccess: () => violated(otherwise),
    onFailure: ({ error }) => Effect.succeed(error)
  })

/** Waits until a condition holds; if it never does, the timeout of the test ends the wait. */
export const until = Effect.fnUntraced(function* (holds: () => boolean) {
  while (!holds()) yield* Effect.sleep(pollInterval)
})

/** The next piece of a body; undefined at its end. */
export const readPiece = (
  reader: ReadableStreamDefaultReader<Uint8Array>
): Effect.Effect<Uint8Array | undefined, Rejected> =>
  Effect.map(
    attempt(() => reader.read()),
    ({ value }) => value
  )

/** The next piece of a body as text. */
export const readText = (
  reader: ReadableStreamDefaultReader<Uint8Array>
): Effect.Effect<string | undefined, Rejected> =>
  Effect.map(readPiece(reader), (piece) => piece && Buffer.from(piece).toString())

/** A request whose body is a stream. */
export const upload = (stream: ReadableStream<Uint8Array<ArrayBuffer>>): RequestInit & { readonly duplex: "half" } => ({
  method: "POST",
  body: stream,
  duplex: "half"
})

export const readerOf = ({ body }: TransportResponse) =>
  body === null ? violated("the response has no body") : Effect.sync(() => body.getReader())
