import { checkOptions, ofType, TokenkeepError, Transport, type TransportResponse } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Agent, type Dispatcher } from "undici"
import { fetchError } from "./internal/fetchErrors.ts"
import { type Head, IncomingResponse } from "./internal/IncomingResponse.ts"
import { toUndiciRequest } from "./internal/request.ts"
import { UndecodedResponse } from "./internal/UndecodedResponse.ts"
import { UndiciResponse } from "./internal/UndiciResponse.ts"
import type { RawResponse } from "./RawResponse.ts"

/**
 * The options of {@link UndiciTransport}.
 *
 * @example
 * ```ts
 * import type { UndiciTransportOptions } from "@tokenkeep/transport-undici"
 * import { Agent } from "undici"
 *
 * const options: UndiciTransportOptions = { dispatcher: new Agent({ connections: 50 }) }
 * console.log(options.dispatcher instanceof Agent) // => true
 * ```
 */
export interface UndiciTransportOptions {
  /**
   * The `Agent`, `ProxyAgent`, `Pool` or other dispatcher to send through. You close it yourself. By default, the
   * transport creates an `Agent` with undici's defaults, and closes it with the layer; a request with the header
   * `connection: close` then gets a new connection.
   */
  readonly dispatcher?: Dispatcher | undefined
  /**
   * `false` leaves the bodies that you get as the server sent them, in the encoding that `Content-Encoding` names, and
   * requests no encoding unless you set `Accept-Encoding`; `true` by default.
   */
  readonly decode?: boolean | undefined
}

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/** Cancels a stream that undici did not start to read, so that its source can stop. */
const cancelUnreadBody = (body: RequestInit["body"], reason: unknown): void => {
  if (body instanceof ReadableStream && !body.locked) body.cancel(reason).catch(() => undefined)
}

interface Sender {
  readonly dispatcher: Dispatcher
  /** For requests that ask for a connection of their own: each of its connections ends after one request. */
  readonly oneShot: Dispatcher
  readonly decode: boolean
  /** The number of responses that have not ended. */
  openResponses: number
  readonly onResponseEnd: () => void
}

const makeSender = (decode: boolean, dispatcher: Dispatcher, oneShot = dispatcher): Sender => {
  const sender: Sender = {
    dispatcher,
    oneShot,
    decode,
    openResponses: 0,
    onResponseEnd: () => {
      sender.openResponses -= 1
    }
  }
  return sender
}

const send = (sender: Sender, url: string, init: RequestInit): Promise<TransportResponse> =>
  new Promise((resolve, reject) => {
    const { body, dispatcher, redirect, signal } = init as RequestInit & { readonly dispatcher?: Dispatcher }
    const onError = (error: unknown) => {
      cancelUnreadBody(body, error)
      reject(error)
    }
    const onHead = (head: Head) => {
      try {
        if (redirect === "error" && redirectStatuses.has(head.status)) {
          throw fetchError("fetch failed", new Error("unexpected redirect"))
        }
        resolve(
          sender.decode
            ? new UndiciResponse(url, head, incoming, { decode: true })
            : new UndecodedResponse(url, head, incoming)
        )
      } catch (error) {
        incoming.cancel()
        onError(error)
      }
    }
    const incoming = new IncomingResponse(signal, { onHead, onError }, sender.onResponseEnd)
    const request = toUndiciRequest(url, init, { decode: sender.decode, onBodyError: incoming.onBodyError })
    signal?.throwIfAborted()
    sender.openResponses += 1
    const isOneShot = request.options.headers["connection"] === "close"
    incoming.start(dispatcher ?? (isOneShot ? sender.oneShot : sender.dispatcher), request)
  })

const makeTransport = (sender: Sender): Transport["Service"] => ({
  send: (url, init) => send(sender, url, init),
  redirects: "visible"
})

/** Closing waits for open responses, which may take any time. The layer does not wait for that. */
const release = ({ dispatcher, oneShot, openResponses }: Sender): Effect.Effect<void> => {
  const agents = [dispatcher, oneShot]
  return openResponses === 0
    ? Effect.promise(() => Promise.all(agents.map((agent) => agent.destroy()))).pipe(Effect.asVoid)
    : Effect.sync(() => {
        for (const agent of agents) agent.close().catch(() => undefined)
      })
}

const ownAgent = (decode: boolean) =>
  Effect.acquireRelease(
    // In HTTP/2, requests share a connection.
    Effect.sync(() => makeSender(decode, new Agent(), new Agent({ allowH2: false }))),
    release
  )

const checkDispatcher = (option: string, value: Dispatcher | undefined) => {
  if (value === undefined || typeof value?.dispatch === "function") return
  throw TokenkeepError.of(
    { _tag: "ConfigInvalid", option },
    { what: `The option ${option} is not a dispatcher of undici.`, fix: "Pass an Agent, a ProxyAgent or a Pool." }
  )
}

const layer = (options: UndiciTransportOptions = {}): Layer.Layer<Transport> => {
  checkOptions(options, { dispatcher: checkDispatcher, decode: ofType("boolean") })
  const { decode = true, dispatcher } = options
  return dispatcher === undefined
    ? Layer.effect(Transport, Effect.map(ownAgent(decode), makeTransport))
    : Layer.succeed(Transport, makeTransport(makeSender(decode, dispatcher)))
}

const raw = (response: Response): RawResponse | undefined =>
  response instanceof UndiciResponse ? response.takeRaw() : undefined

/**
 * The transport over undici's dispatcher, for Node services with high throughput.
 *
 * `UndiciTransport.layer({ dispatcher })` sends through your own `Agent`, `ProxyAgent` or other dispatcher. The transport
 * decodes bodies as fetch does, unless `decode` is `false`. `UndiciTransport.raw(response)` takes the parts of a response
 * of this transport as the server sent them, and returns `undefined` for any other response; it throws a `TypeError` if
 * the body was read or accessed before. The transport rejects with the reason of an abort, or with a `TypeError` whose `cause` has undici's
 * `code`.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { UndiciTransport } from "@tokenkeep/transport-undici"
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({
 *   apiKey: server.apiKey,
 *   host: server.host,
 *   transport: UndiciTransport.layer()
 * })
 * console.log((await deeply.fetch("/api/v1/events")).status) // => 200
 * ```
 */
export const UndiciTransport = { layer, raw }
