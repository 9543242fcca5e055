import type { ServerResponse } from "node:http"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { expired, json, type RawApi, rawApi, type ReceivedRequest } from "./servers.ts"

export type Fetch = typeof globalThis.fetch

/** A server with one path for each kind of response. */
export const playground = (): Promise<RawApi> => rawApi(respond)

const respond = (request: ReceivedRequest, response: ServerResponse): void => {
  const [, what = "", detail = ""] = new URL(request.path, "http://x").pathname.split("/")
  switch (what) {
    case "status":
      return void response.writeHead(Number(detail), { "x-sample": "yes" }).end(Number(detail) === 204 ? "" : "text")
    case "reason":
      return void response.writeHead(200, "Just So", { "set-cookie": ["a=1", "b=2; Path=/"] }).end("text")
    case "gzip":
      return void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("packed ".repeat(1_000)))
    case "br":
      return void response.writeHead(200, { "content-encoding": "br" }).end(brotliCompressSync("packed ".repeat(1_000)))
    case "deflate":
      return void response.writeHead(200, { "content-encoding": "deflate" }).end(deflateSync("packed ".repeat(1_000)))
    case "badgzip":
      return void response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip")
    case "stream":
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).write("one ")
      return void setTimeout(() => response.end("two"), 2)
    case "hang":
      return undefined
    case "slow":
      return void response.writeHead(200, { "content-type": "text/plain" }).write("begun ")
    case "reset":
      return void response.socket?.resetAndDestroy()
    case "half":
      response.writeHead(200, { "content-length": "100" }).write("begun ")
      return void setTimeout(() => response.socket?.destroy(), 2)
    case "nonsense":
      return void response.socket?.end("this is not HTTP\r\n\r\n")
    case "moved":
      return void response.writeHead(Number(detail), { location: "/echo/landed" }).end()
    case "expired":
      return expired(response)
    default:
      return json(response, 200, echo(request))
  }
}

/** Headers that may differ: the client buffers a Request's body for a replay, where fetch sends chunks. */
const varyingHeaders = new Set(["host", "connection", "authorization", "content-length", "transfer-encoding"])

/** What the server received, without parts that may differ, such as the random boundary of a form. */
const echo = ({ method, path, headers, body }: ReceivedRequest) => {
  const boundary = /boundary=(.+)$/.exec(headers["content-type"] ?? "")?.[1] ?? "no boundary"
  const shown = Object.entries(headers)
    .filter(([name]) => !varyingHeaders.has(name))
    .toSorted(([a], [b]) => a.localeCompare(b))
  const text = JSON.stringify({ method, path, headers: shown, body: body.toString("latin1") })
  return { seen: text.replaceAll(boundary, "BOUNDARY"), authorized: headers.authorization?.startsWith("Bearer token-") }
}

/** The platform's fetch with a token, for comparison. */
export const bareFetch: Fetch = async (input, init) => {
  // The platform reads the init: it may have only getters.
  const request = new Request(input, init)
  request.headers.set("authorization", "Bearer token-1")
  return fetch(request)
}

const describeError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return { threw: error }
  const { cause } = error
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  return { threw: error.name, like: error.constructor.name, code }
}

const describeResponse = async (response: Response): Promise<unknown> => {
  const headers = [...response.headers].filter(([name]) => name !== "date")
  const { status, statusText, ok, type, redirected, url, body, bodyUsed } = response
  const visible = { status, statusText, ok, type, redirected, url, headers, bodyUsed, bodiless: body === null }
  return { ...visible, isResponse: response instanceof Response, text: await response.text().catch(describeError) }
}

/** Everything that a caller can observe of an outcome, as data. */
export const outcomeOf = async (run: () => unknown): Promise<unknown> => {
  let promise: unknown
  try {
    promise = run()
  } catch (error) {
    return { threwSynchronously: describeError(error) }
  }
  if (!(promise instanceof Promise)) return { notAPromise: typeof promise }
  try {
    const value: unknown = await promise
    return value instanceof Response ? await describeResponse(value) : { value }
  } catch (error) {
    return describeError(error)
  }
}
