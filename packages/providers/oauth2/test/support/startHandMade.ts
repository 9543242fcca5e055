import type { IncomingHttpHeaders } from "node:http"
import { bodyOf, listen } from "oauth2-issuer"

/** A response, as a server of these tests gives it. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A string as it is, anything else as JSON. */
  readonly body?: unknown
}

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: URLSearchParams
}

type Answer = Reply | ((received: Received, url: string) => Reply | Promise<Reply>)

export const issued = { access_token: "at-5e1f09d7c2", token_type: "Bearer", expires_in: 3_600 }

const wellKnown = "/.well-known/"

/** An issuer and an API on one port that respond with anything, however wrong. */
export const startHandMade = async (
  answers: {
    readonly discovery?: Answer
    readonly token?: Answer
    readonly api?: Answer
  } = {}
) => {
  const received: Array<Received> = []
  const server = await listen(async (request, response) => {
    const { headers, method = "", url: path = "" } = request
    const call = { method, path, headers, body: new URLSearchParams(await bodyOf(request)) }
    received.push(call)
    const reply = await replyTo(call)
    const { body = "", headers: more = {}, status = 200 } = reply
    response
      .writeHead(status, { "content-type": typeof body === "string" ? "text/html" : "application/json", ...more })
      .end(typeof body === "string" ? body : JSON.stringify(body))
  })
  const replyTo = (call: Received): Reply | Promise<Reply> => {
    const standard = { body: { issuer: server.url, token_endpoint: `${server.url}/token` } }
    const answer = call.path.includes(wellKnown)
      ? (answers.discovery ?? standard)
      : call.path.startsWith("/token")
        ? (answers.token ?? { body: issued })
        : (answers.api ?? { body: {} })
    return typeof answer === "function" ? answer(call, server.url) : answer
  }
  return {
    url: server.url,
    received,
    tokenRequests: () => received.filter(({ path }) => path.startsWith("/token")),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]()
  }
}
