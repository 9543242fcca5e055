import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { setTimeout as delay } from "node:timers/promises"
import type { Law } from "../../Law.ts"
import type { TransportBench } from "./bench.ts"
import { ensure, eventually, pieceOf, readerOf, rejectionOf, same, soon, textOf } from "./expectations.ts"
import { reply } from "./server.ts"

/** What callers abort with: an error, any other value, or nothing. */
const reasons: ReadonlyArray<unknown> = [new Error("gave up"), { why: "own" }, "a text", 0, null]

/** A server that answers with a head, or with nothing, and never ends. */
const endless =
  (begins: boolean) => (_: unknown, response: { writeHead: (status: number) => { write: (text: string) => void } }) => {
    if (begins) response.writeHead(200).write("first")
  }

export const aborts: ReadonlyArray<Law<TransportBench>> = [
  {
    id: "aborted-before-is-not-sent",
    guarantees: ["REQ-6"],
    statement: "With a signal that is aborted already, a call rejects with its reason, and nothing is sent.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve(reply(200))
      for (const reason of reasons) {
        const error = yield* rejectionOf(
          send(place.url, { signal: AbortSignal.abort(reason) }),
          "an aborted call was answered"
        )
        yield* same("the error", error, reason)
      }
      yield* same("the number of requests", place.requests.length, 0)
    })
  },
  {
    id: "aborts-reject-with-their-reason",
    guarantees: ["REQ-6"],
    statement:
      "A call that is aborted while it waits rejects at once with the very reason, and its connection is closed.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve(endless(false))
      for (const [i, reason] of reasons.entries()) {
        const abort = new AbortController()
        const call = yield* Effect.forkScoped(
          rejectionOf(send(place.url, { signal: abort.signal }), "an aborted call was answered")
        )
        yield* eventually(
          () => place.requests.length > i,
          () => "the request did not arrive"
        )
        abort.abort(reason)
        yield* same("the error", yield* soon(Fiber.join(call), "the call did not end"), reason)
      }
      yield* eventually(
        () => place.answers.every(({ destroyed }) => destroyed),
        () => "the connection was not closed"
      )
    })
  },
  {
    id: "aborts-without-a-reason",
    guarantees: ["REQ-6"],
    statement: "An abort without a reason rejects with an AbortError, and a signal's own deadline with a TimeoutError.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve(endless(false))
      const abort = new AbortController()
      const call = yield* Effect.forkScoped(
        rejectionOf(send(place.url, { signal: abort.signal }), "an aborted call was answered")
      )
      yield* eventually(
        () => place.requests.length === 1,
        () => "the request did not arrive"
      )
      abort.abort()
      const aborted = yield* soon(Fiber.join(call), "the call did not end")
      yield* ensure(
        aborted instanceof DOMException && aborted.name === "AbortError",
        `it rejected with ${String(aborted)}`
      )
      const late = yield* soon(
        rejectionOf(send(place.url, { signal: AbortSignal.timeout(50) }), "a call past its deadline was answered"),
        "the deadline passed"
      )
      yield* ensure(late instanceof DOMException && late.name === "TimeoutError", `it rejected with ${String(late)}`)
    })
  },
  {
    id: "aborts-reach-the-body",
    guarantees: ["REQ-6"],
    statement: "An abort while the body comes ends its reading with the very reason, in pieces and whole.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve(endless(true))
      const reason = { why: "own" }
      const inPieces = new AbortController()
      const reader = yield* readerOf(yield* send(place.url, { signal: inPieces.signal }))
      yield* same("the first piece", Buffer.from((yield* pieceOf(reader)) ?? []).toString(), "first")
      inPieces.abort(reason)
      yield* same(
        "the error",
        yield* soon(rejectionOf(pieceOf(reader), "the body ended"), "the body did not end"),
        reason
      )
      const whole = new AbortController()
      const response = yield* send(place.url, { signal: whole.signal })
      const reading = yield* Effect.forkScoped(rejectionOf(textOf(response), "the body ended"))
      yield* Effect.yieldNow
      whole.abort(reason)
      yield* same("the error", yield* soon(Fiber.join(reading), "the body did not end"), reason)
      yield* eventually(
        () => place.answers.every(({ destroyed }) => destroyed),
        () => "the connection was not closed"
      )
    })
  },
  {
    id: "aborts-after-the-end-are-nothing",
    guarantees: ["REQ-6"],
    statement: "An abort after the body was read changes nothing, and one signal serves any number of calls.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(reply(200, "read"))
      const abort = new AbortController()
      const responses = yield* Effect.all(Array.from({ length: 20 }, () => send(url, { signal: abort.signal })))
      const texts = yield* Effect.forEach(responses, textOf)
      abort.abort()
      yield* same("the texts", new Set(texts).size, 1)
      yield* same("the text after", yield* textOf(yield* send(url)), "read")
    })
  },
  {
    id: "aborts-end-a-stream",
    guarantees: ["REQ-2"],
    statement: "An abort while a stream is sent rejects with the very reason, and nothing more is sent.",
    needs: ["uploads"],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve((request) => request.resume())
      let over = false
      // Not every platform cancels the body of an aborted call, and one that never ends would keep the process alive.
      yield* Effect.addFinalizer(() => Effect.sync(() => void (over = true)))
      const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull: async (controller) => {
          await delay(5)
          if (over) controller.close()
          else controller.enqueue(new Uint8Array(1_024))
        }
      })
      const abort = new AbortController()
      const init: RequestInit & { readonly duplex: "half" } = {
        method: "POST",
        body: stream,
        duplex: "half",
        signal: abort.signal
      }
      const call = yield* Effect.forkScoped(rejectionOf(send(place.url, init), "an aborted call was answered"))
      yield* eventually(
        () => place.requests.length === 1,
        () => "the request did not arrive"
      )
      const reason = { why: "own" }
      abort.abort(reason)
      yield* same("the error", yield* soon(Fiber.join(call), "the call did not end"), reason)
      yield* eventually(
        () => place.requests[0]?.destroyed === true,
        () => "the request went on"
      )
    })
  },
  {
    id: "aborted-at-once-is-not-answered",
    guarantees: ["REQ-6"],
    statement: "A call that is aborted right after it was made, or a few turns later, rejects with the very reason.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(endless(false))
      const reason = { why: "own" }
      for (const init of [{}, { method: "POST", body: "text" }, { method: "POST", body: new Blob(["text"]) }]) {
        for (let turns = 0; turns < 6; turns += 1) {
          const abort = new AbortController()
          const call = yield* Effect.forkScoped(
            rejectionOf(send(url, { ...init, signal: abort.signal }), "an aborted call was answered"),
            { startImmediately: true }
          )
          yield* Effect.promise(async () => {
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
          })
          abort.abort(reason)
          yield* same("the error", yield* soon(Fiber.join(call), "the call did not end"), reason)
        }
      }
    })
  },
  {
    id: "one-abort-is-one-call",
    guarantees: ["TOK-7"],
    statement: "An abort ends its own call, and no other on the same server.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const go = Promise.withResolvers<void>()
      const place = yield* serve(async (request, response) => {
        if (request.url === "/aborted") return
        await go.promise
        response.end(request.url)
      })
      const abort = new AbortController()
      const ended = yield* Effect.forkScoped(
        rejectionOf(send(`${place.url}aborted`, { signal: abort.signal }), "an aborted call was answered")
      )
      const others = yield* Effect.forkScoped(
        Effect.all(
          Array.from({ length: 10 }, (_, i) => Effect.flatMap(send(`${place.url}${i}`), textOf)),
          { concurrency: "unbounded" }
        )
      )
      yield* eventually(
        () => place.requests.length === 11,
        () => "the requests did not arrive"
      )
      abort.abort("this one")
      yield* same("the error", yield* soon(Fiber.join(ended), "the call did not end"), "this one")
      go.resolve()
      const texts = yield* soon(Fiber.join(others), "the others did not end")
      yield* same("the others", texts.join(), Array.from({ length: 10 }, (_, i) => `/${i}`).join())
    })
  }
]
