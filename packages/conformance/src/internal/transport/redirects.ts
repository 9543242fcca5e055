import * as Effect from "effect/Effect"
import type { Law } from "../../Law.ts"
import type { TransportBench } from "./bench.ts"
import { ensure, rejectionOf, same, textOf } from "./expectations.ts"
import { reply } from "./server.ts"

const statuses = [301, 302, 303, 307, 308]

export const redirects: ReadonlyArray<Law<TransportBench>> = [
  {
    id: "hops-are-shown",
    guarantees: ["REQ-3", "KEY-1"],
    statement: "With redirect: manual, a redirect is answered with status, Location and body, and nobody follows it.",
    needs: ["hops"],
    check: Effect.fnUntraced(function* ({ hops, send, serve }) {
      yield* same("hops", hops, "visible")
      const target = yield* serve(reply(200, "followed"))
      const source = yield* serve((request, response) => {
        const [status = 0, where] = (request.url ?? "").slice(1).split("/")
        const location = where === "here" ? "/elsewhere" : target.url
        response.writeHead(Number(status), { location }).end("a hop")
      })
      for (const status of statuses) {
        for (const [where, location] of [
          ["here", "/elsewhere"],
          ["there", target.url]
        ] as const) {
          for (const init of [{}, { method: "POST", body: "text" }]) {
            const before = source.requests.length
            const response = yield* send(`${source.url}${status}/${where}`, { ...init, redirect: "manual" })
            yield* same("the status", response.status, status)
            yield* same("the Location", response.headers.get("location"), location)
            yield* same("the body", yield* textOf(response), "a hop")
            yield* same("the number of requests", source.requests.length - before, 1)
          }
        }
      }
      yield* same("the number of requests to the target", target.requests.length, 0)
    })
  },
  {
    id: "redirects-are-errors-when-told",
    guarantees: ["REQ-6"],
    statement: "With redirect: error, a redirect rejects and nobody follows it; other answers are as ever.",
    needs: ["hops"],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const target = yield* serve(reply(200, "followed"))
      const source = yield* serve((request, response) => {
        response.writeHead(Number(request.url?.slice(1)), { location: target.url }).end()
      })
      for (const status of statuses) {
        const error = yield* rejectionOf(
          send(`${source.url}${status}`, { redirect: "error" }),
          `a ${status} was answered, although redirects are errors`
        )
        yield* ensure(error instanceof TypeError, `a ${status} rejected with ${String(error)}`)
      }
      yield* same("the status", (yield* send(`${source.url}201`, { redirect: "error" })).status, 201)
      yield* same("the number of requests to the target", target.requests.length, 0)
    })
  }
]
