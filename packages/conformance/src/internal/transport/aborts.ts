import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { setTimeout as delay } from "node:timers/promises"
import { type Checks, ensure, ensureEqual } from "../checks.ts"
import { readerOf, readPiece, readText, rejectionOf, textOf, until, upload } from "./assertions.ts"
import type { TransportFixture } from "./fixture.ts"
import { type Handler, reply } from "./server.ts"

/** What callers abort with: an error, or any other value. */
const reasons: ReadonlyArray<unknown> = [new Error("gave up"), { why: "own" }, "a text", 0, null]

/** Never responds. */
const silent: Handler = () => undefined

/** Sends the start of a body that never ends. */
const endless: Handler = (_, response) => response.writeHead(200).write("first")

export const aborts: Checks<TransportFixture> = {
  "aborted-before": {
    behaviour: "With a signal that is already aborted, send rejects with its reason, and nothing is sent.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const server = yield* serve(reply(200))
      for (const reason of reasons) {
        const error = yield* rejectionOf(
          send(server.url, { signal: AbortSignal.abort(reason) }),
          "an aborted request resolved"
        )
        yield* ensureEqual("the error", error, reason)
      }
      yield* ensureEqual("the number of requests", server.requests.length, 0)
    }
  },
  "abort-while-waiting": {
    behaviour: "An abort before the response rejects with its exact reason, and the connection is closed.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const server = yield* serve(silent)
      for (const [i, reason] of reasons.entries()) {
        const abort = new AbortController()
        const call = yield* Effect.forkScoped(
          rejectionOf(send(server.url, { signal: abort.signal }), "an aborted request resolved")
        )
        yield* until(() => server.requests.length > i)
        abort.abort(reason)
        yield* ensureEqual("the error", yield* Fiber.join(call), reason)
      }
      yield* until(() => server.responses.every(({ destroyed }) => destroyed))
    }
  },
  "abort-errors": {
    behaviour: "An abort without a reason rejects with an AbortError, and AbortSignal.timeout with a TimeoutError.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const server = yield* serve(silent)
      const abort = new AbortController()
      const call = yield* Effect.forkScoped(
        rejectionOf(send(server.url, { signal: abort.signal }), "an aborted request resolved")
      )
      yield* until(() => server.requests.length === 1)
      abort.abort()
      const aborted = yield* Fiber.join(call)
      yield* ensure(
        aborted instanceof DOMException && aborted.name === "AbortError",
        `it rejected with ${String(aborted)}`
      )
      const late = yield* rejectionOf(
        send(server.url, { signal: AbortSignal.timeout(50) }),
        "a request resolved after its timeout"
      )
      yield* ensure(late instanceof DOMException && late.name === "TimeoutError", `it rejected with ${String(late)}`)
    }
  },
  "abort-while-reading": {
    behaviour: "An abort while the body is read rejects the read with its exact reason.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const server = yield* serve(endless)
      const reason = { why: "own" }
      const inPieces = new AbortController()
      const reader = yield* readerOf(yield* send(server.url, { signal: inPieces.signal }))
      yield* ensureEqual("the first piece", yield* readText(reader), "first")
      inPieces.abort(reason)
      yield* ensureEqual(
        "the error",
        yield* rejectionOf(readPiece(reader), "an aborted body ended without an error"),
        reason
      )
      const whole = new AbortController()
      const response = yield* send(server.url, { signal: whole.signal })
      const reading = yield* Effect.forkScoped(rejectionOf(textOf(response), "an aborted body ended without an error"))
      yield* Effect.yieldNow
      whole.abort(reason)
      yield* ensureEqual("the error", yield* Fiber.join(reading), reason)
      yield* until(() => server.responses.every(({ destroyed }) => destroyed))
    }
  },
  "abort-after-end": {
    behaviour: "An abort after the body was read changes nothing, and one signal can serve many requests.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(reply(200, "read"))
      const abort = new AbortController()
      const responses = yield* Effect.all(Array.from({ length: 20 }, () => send(url, { signal: abort.signal })))
      const texts = yield* Effect.forEach(responses, textOf)
      abort.abort()
      yield* ensureEqual("the texts", new Set(texts).size, 1)
      yield* ensureEqual("the text after", yield* textOf(yield* send(url)), "read")
    }
  },
  "abort-while-sending": {
    behaviour: "An abort while a request stream is sent rejects with its exact reason, and nothing more is sent.",
    guarantees: ["REQ-2"],
    requires: ["uploads"],
    *check({ send, serve }) {
      const server = yield* serve((request) => request.resume())
      let isOver = false
      // Not every platform cancels the body of an aborted call. A body that never ends would keep the process alive.
      yield* Effect.addFinalizer(() => Effect.sync(() => void (isOver = true)))
      const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull: async (controller) => {
          await delay(5)
          if (isOver) controller.close()
          else controller.enqueue(new Uint8Array(1_024))
        }
      })
      const abort = new AbortController()
      const init = { ...upload(stream), signal: abort.signal }
      const call = yield* Effect.forkScoped(rejectionOf(send(server.url, init), "an aborted request resolved"))
      yield* until(() => server.requests.length === 1)
      const reason = { why: "own" }
      abort.abort(reason)
      yield* ensureEqual("the error", yield* Fiber.join(call), reason)
      yield* until(() => server.requests[0]?.destroyed === true)
    }
  },
  "abort-right-away": {
    behaviour: "An abort right after the call, or a few microtasks later, rejects with its exact reason.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(silent)
      const reason = { why: "own" }
      for (const init of [{}, { method: "POST", body: "text" }, { method: "POST", body: new Blob(["text"]) }]) {
        for (let turns = 0; turns < 6; turns += 1) {
          const abort = new AbortController()
          const call = yield* Effect.forkScoped(
            rejectionOf(send(url, { ...init, signal: abort.signal }), "an aborted request resolved"),
            { startImmediately: true }
          )
          yield* Effect.promise(async () => {
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
          })
          abort.abort(reason)
          yield* ensureEqual("the error", yield* Fiber.join(call), reason)
        }
      }
    }
  },
  "abort-is-per-request": {
    behaviour: "An abort ends its own request, and no other to the same server.",
    guarantees: ["TOK-7"],
    *check({ send, serve }) {
      const go = Promise.withResolvers<void>()
      const server = yield* serve(async (request, response) => {
        if (request.url === "/aborted") return
        await go.promise
        response.end(request.url)
      })
      const abort = new AbortController()
      const ended = yield* Effect.forkScoped(
        rejectionOf(send(`${server.url}aborted`, { signal: abort.signal }), "an aborted request resolved")
      )
      const others = yield* Effect.forkScoped(
        Effect.all(
          Array.from({ length: 10 }, (_, i) => Effect.flatMap(send(`${server.url}${i}`), textOf)),
          { concurrency: "unbounded" }
        )
      )
      yield* until(() => server.requests.length === 11)
      abort.abort("this one")
      yield* ensureEqual("the error", yield* Fiber.join(ended), "this one")
      go.resolve()
      const texts = yield* Fiber.join(others)
      yield* ensureEqual("the others", texts.join(), Array.from({ length: 10 }, (_, i) => `/${i}`).join())
    }
  }
}
