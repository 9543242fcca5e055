import { Transport } from "@tokenkeep/core"
import * as Layer from "effect/Layer"
import { get, type IncomingMessage } from "node:http"
import { Readable } from "node:stream"
import { answering, answerOf, rebodied, type Send, sending, type TransportMutant } from "./TransportMutant.ts"

/** A GET by node:http, without anything that fetch does on top. */
const plainGet =
  (
    headers: Record<string, string>,
    whatIf: (message: IncomingMessage) => Response | undefined = () => undefined
  ): Send =>
  (url, init) =>
    new Promise((resolve, reject) => {
      const request = get(url, { method: init.method, headers })
      request.on("information", (message) => {
        const response = whatIf(message as IncomingMessage)
        if (response !== undefined) resolve(response)
      })
      request.on("error", reject)
      request.on("response", (message) => {
        const own = new Headers(Object.entries(message.headers).map(([name, value]) => [name, String(value)]))
        resolve(
          new Response(Readable.toWeb(message) as ReadableStream<Uint8Array<ArrayBuffer>>, {
            status: message.statusCode ?? 0,
            headers: own
          })
        )
      })
    })

const plain = (...args: Parameters<typeof plainGet>): Layer.Layer<Transport> =>
  Layer.sync(Transport, () => Transport.fromFetch(plainGet(...args)))

export const answers: ReadonlyArray<TransportMutant> = [
  {
    mistake: "rejects where the status is an error",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      if (response.status >= 400) throw new Error(`status ${response.status}`)
      return response
    }),
    caughtBy: ["status-is-a-value"]
  },
  {
    mistake: "forgets the reason phrase",
    layer: sending((send) => async (url, init) => {
      const { body, headers, status } = await send(url, init)
      return new Response(body, { status, headers })
    }),
    caughtBy: ["status-is-a-value"]
  },
  {
    mistake: "answers with something like a response",
    layer: answering((response) => {
      const like = { ...response, json: () => response.toResponse().json() }
      return { ...answerOf(response.toResponse()), toResponse: () => like as unknown as Response }
    }),
    caughtBy: ["response-is-the-platforms"]
  },
  {
    mistake: "makes a response of its own, which does not know its URL",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      return rebodied(response, response.body)
    }),
    caughtBy: ["response-is-the-platforms"]
  },
  {
    mistake: "takes every body for a text",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      return rebodied(response, await response.text())
    }),
    caughtBy: ["bytes-come-unchanged"]
  },
  {
    mistake: "has a body for every answer",
    layer: answering((response) => {
      const body = response.body ?? new Blob([]).stream()
      return { ...answerOf(response.toResponse()), body }
    }),
    caughtBy: ["no-body-is-null"]
  },
  {
    mistake: "drops the headers of answers without a body",
    layer: answering((response) => ({
      ...answerOf(response.toResponse()),
      headers: response.body === null ? new Headers() : response.headers
    })),
    caughtBy: ["no-body-is-null"]
  },
  {
    mistake: "keeps headers as an object with one value a name",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      return new Response(response.body, { status: response.status, headers: Object.fromEntries(response.headers) })
    }),
    caughtBy: ["headers-come-apart"]
  },
  {
    mistake: "reads headers as UTF-8",
    layer: answering((response) => {
      const headers = new Headers()
      for (const [name, value] of response.headers) headers.append(name, Buffer.from(value, "latin1").toString("utf8"))
      return { ...answerOf(response.toResponse()), headers }
    }),
    caughtBy: ["header-bytes-survive"]
  },
  {
    mistake: "accepts codings that it does not undo",
    layer: plain({ "accept-encoding": "gzip, deflate, br" }),
    caughtBy: ["codings-are-undone"]
  },
  {
    mistake: "rejects a coding that it does not know",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      const coding = response.headers.get("content-encoding") ?? "gzip"
      if (!/gzip|deflate|br/.test(coding)) throw new TypeError(`unknown coding ${coding}`)
      return response
    }),
    caughtBy: ["unknown-codings-are-kept", "answers-are-those-of-fetch"]
  },
  {
    mistake: "takes the first answer for the last",
    layer: plain({}, ({ statusCode }) => (statusCode === 103 ? new Response(null, { status: 200 }) : undefined)),
    caughtBy: ["informational-answers-are-passed-over"]
  },
  {
    mistake: "reads bodies by their length alone",
    layer: sending((send) => async (url, init) => {
      const response = await send(url, init)
      return response.headers.has("content-length") ? response : rebodied(response, "")
    }),
    caughtBy: ["trailers-end-a-body"]
  },
  {
    mistake: "has a deadline of its own",
    layer: sending((send) => (url, init) => send(url, { ...init, signal: AbortSignal.timeout(1_000) })),
    caughtBy: ["slow-answers-are-waited-for"]
  }
]
