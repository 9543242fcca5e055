import { Transport, type TransportResponse } from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { TransportSubjectOptions } from "../../TransportSubject.ts"
import { type Handler, type Place, serve } from "./server.ts"

/** What a transport, or one of its bodies, rejected with. */
export class Rejected extends Data.TaggedError("Rejected")<{ readonly error: unknown }> {
  override get message(): string {
    return `it rejected: ${String(this.error)}`
  }
}

/** A body's reader is of the platform, and so are its errors. */
export const attempt = <A>(act: () => Promise<A>): Effect.Effect<A, Rejected> =>
  Effect.tryPromise({ try: act, catch: (error) => new Rejected({ error }) })

/**
 * What a law of transports is checked on: the adapter, and servers that do as they are told.
 *
 * @example
 * ```ts
 * import type { Law } from "@tokenkeep/conformance"
 * import type { TransportBench } from "@tokenkeep/conformance/transport"
 * import * as Effect from "effect/Effect"
 *
 * const law: Law<TransportBench> = {
 *   id: "own-law",
 *   guarantees: ["REQ-6"],
 *   statement: "A request to a server of mine is answered.",
 *   needs: [],
 *   check: ({ send, serve }) =>
 *     Effect.flatMap(serve((_, response) => response.end()), ({ url }) => Effect.asVoid(send(url)))
 * }
 * console.log(law.id) // => own-law
 * ```
 */
export interface TransportBench {
  readonly hops: Transport["Service"]["hops"]
  readonly send: (url: string, init?: RequestInit) => Effect.Effect<TransportResponse, Rejected>
  /** Gives the adapter up, as a client does that is disposed. */
  readonly close: Effect.Effect<void>
  /** A server of this law's own, until the scope ends. */
  readonly serve: (handler: Handler) => Effect.Effect<Place, unknown, Scope.Scope>
}

export const makeBench = Effect.fnUntraced(function* ({ layer }: TransportSubjectOptions) {
  const scope = yield* Effect.acquireRelease(Scope.make(), (opened, exit) => Scope.close(opened, exit))
  // A memo map of its own, so that each law has an adapter that nobody used before.
  const context = yield* Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)
  const transport = Context.get(context, Transport)
  const bench: TransportBench = {
    hops: transport.hops,
    send: (url, init = {}) => attempt(async () => transport.send(url, init)),
    close: Scope.close(scope, Exit.void),
    serve
  }
  return bench
})
