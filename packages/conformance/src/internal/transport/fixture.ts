import { Transport, type TransportResponse } from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { TransportUnderTest } from "../../TransportUnderTest.ts"
import { type Handler, serve, type TestServer } from "./server.ts"

/** What a transport, or the body of a response, rejected with. */
export class Rejected extends Data.TaggedError("Rejected")<{ readonly error: unknown }> {
  override get message(): string {
    return `it rejected: ${String(this.error)}`
  }
}

export const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, Rejected> =>
  Effect.tryPromise({ try: run, catch: (error) => new Rejected({ error }) })

/** A transport that no other test uses, and servers. */
export interface TransportFixture {
  readonly redirects: Transport["Service"]["redirects"]
  readonly send: (url: string, init?: RequestInit) => Effect.Effect<TransportResponse, Rejected>
  /** Releases the adapter, as disposing a client does. */
  readonly release: Effect.Effect<void>
  /** Starts a server of this test, until the scope ends. */
  readonly serve: (handler: Handler) => Effect.Effect<TestServer, unknown, Scope.Scope>
}

export const makeFixture = Effect.fnUntraced(function* ({ layer }: TransportUnderTest) {
  const scope = yield* Effect.acquireRelease(Scope.make(), (opened, exit) => Scope.close(opened, exit))
  const context = yield* Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)
  const transport = Context.get(context, Transport)
  const fixture: TransportFixture = {
    redirects: transport.redirects,
    send: (url, init = {}) => attempt(async () => transport.send(url, init)),
    release: Scope.close(scope, Exit.void),
    serve
  }
  return fixture
})
