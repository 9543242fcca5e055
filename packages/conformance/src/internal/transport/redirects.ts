import { type Checks, ensure, ensureEqual } from "../checks.ts"
import { rejectionOf, textOf } from "./assertions.ts"
import type { TransportFixture } from "./fixture.ts"
import { reply } from "./server.ts"

const statuses = [301, 302, 303, 307, 308]

export const redirects: Checks<TransportFixture> = {
  "manual-redirects": {
    behaviour: "With redirect: manual, a redirect is returned with status, Location and body, and is not followed.",
    guarantees: ["REQ-3", "KEY-1"],
    requires: ["redirects"],
    *check({ redirects: visibility, send, serve }) {
      yield* ensureEqual("redirects", visibility, "visible")
      const target = yield* serve(reply(200, "followed"))
      const source = yield* serve((request, response) => {
        const [status = 0, where] = (request.url ?? "").slice(1).split("/")
        const location = where === "here" ? "/elsewhere" : target.url
        response.writeHead(Number(status), { location }).end("moved")
      })
      for (const status of statuses) {
        for (const [where, location] of [
          ["here", "/elsewhere"],
          ["there", target.url]
        ] as const) {
          for (const init of [{}, { method: "POST", body: "text" }]) {
            const before = source.requests.length
            const response = yield* send(`${source.url}${status}/${where}`, { ...init, redirect: "manual" })
            yield* ensureEqual("the status", response.status, status)
            yield* ensureEqual("the Location", response.headers.get("location"), location)
            yield* ensureEqual("the body", yield* textOf(response), "moved")
            yield* ensureEqual("the number of requests", source.requests.length - before, 1)
          }
        }
      }
      yield* ensureEqual("the number of requests to the target", target.requests.length, 0)
    }
  },
  "error-redirects": {
    behaviour: "With redirect: error, a redirect rejects and is not followed, and other responses resolve.",
    guarantees: ["REQ-6"],
    requires: ["redirects"],
    *check({ send, serve }) {
      const target = yield* serve(reply(200, "followed"))
      const source = yield* serve((request, response) => {
        response.writeHead(Number(request.url?.slice(1)), { location: target.url }).end()
      })
      for (const status of statuses) {
        const error = yield* rejectionOf(
          send(`${source.url}${status}`, { redirect: "error" }),
          `a ${status} resolved, although redirects are errors`
        )
        yield* ensure(error instanceof TypeError, `a ${status} rejected with ${String(error)}`)
      }
      yield* ensureEqual("the status", (yield* send(`${source.url}201`, { redirect: "error" })).status, 201)
      yield* ensureEqual("the number of requests to the target", target.requests.length, 0)
    }
  }
}
