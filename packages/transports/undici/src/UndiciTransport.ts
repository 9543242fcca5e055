import { Transport, type TransportResponse } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Agent, type Dispatcher } from "undici"
import { fetchError } from "./internal/fetchErrors.ts"
import { Incoming } from "./internal/Incoming.ts"
import { requestOf } from "./internal/request.ts"
import { UndiciResponse } from "./internal/UndiciResponse.ts"

/**
 * What the undici transport can be told.
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
   * The `Agent`, `ProxyAgent`, `Pool` or other dispatcher to send through, which stays yours to close. By default an
   * `Agent` with undici's own defaults, closed with the layer.
   */
  readonly dispatcher?: Dispatcher | undefined
}

const redirects = new Set([301, 302, 303, 307, 308])

/** A caller's stream that nobody began to read would wait for ever. */
const letGo = (body: BodyInit | null | undefined, reason: unknown): void => {
  if (body instanceof ReadableStream && !body.locked) body.cancel(reason).catch(() => undefined)
}

interface Sending {
  readonly dispatcher: Dispatcher
  /** How many answers are waited for or still come. */
  open: number
  readonly over: () => void
}

const send = (sending: Sending, url: string, init: RequestInit): Promise<TransportResponse> =>
  new Promise((resolve, reject) => {
    const { body, dispatcher, redirect, signal } = init as RequestInit & { readonly dispatcher?: Dispatcher }
    const request = requestOf(url, init, (error) => incoming.onBodyError(error))
    signal?.throwIfAborted()
    const failed = (error: unknown) => {
      letGo(body, error)
      reject(error)
    }
    const incoming = new Incoming({
      method: request.options.method,
      credential: request.credential,
      signal,
      failed,
      over: sending.over,
      answered: (head) => {
        try {
          if (redirect === "error" && redirects.has(head.status)) {
            throw fetchError("fetch failed", new Error("unexpected redirect"))
          }
          resolve(new UndiciResponse(url, head, incoming))
        } catch (error) {
          incoming.cancel()
          failed(error)
        }
      }
    })
    sending.open += 1
    try {
      const through = dispatcher ?? sending.dispatcher
      through.dispatch(request.options, incoming)
    } catch (error) {
      incoming.onResponseError(undefined, error)
    }
  })

const sendingThrough = (dispatcher: Dispatcher): Sending => {
  const sending: Sending = {
    dispatcher,
    open: 0,
    over: () => {
      sending.open -= 1
    }
  }
  return sending
}

const transportOf = (sending: Sending): Transport["Service"] => ({
  send: (url, init) => send(sending, url, init),
  hops: "visible"
})

/** Answers that were handed out may come to their end, which takes as long as it takes: nobody waits for that. */
const release = ({ dispatcher, open }: Sending): Effect.Effect<void> =>
  open === 0
    ? Effect.promise(() => dispatcher.destroy())
    : Effect.sync(() => {
        dispatcher.close().catch(() => undefined)
      })

const ownAgent = Effect.acquireRelease(
  Effect.sync(() => sendingThrough(new Agent())),
  release
)

const layer = ({ dispatcher }: UndiciTransportOptions = {}): Layer.Layer<Transport> =>
  dispatcher === undefined
    ? Layer.effect(Transport, Effect.map(ownAgent, transportOf))
    : Layer.succeed(Transport, transportOf(sendingThrough(dispatcher)))

/**
 * The transport over undici's own dispatcher, for Node services that need throughput.
 *
 * `UndiciTransport.layer({ dispatcher })` sends through an `Agent`, a `ProxyAgent` or any other dispatcher of yours. It
 * decodes bodies as fetch does, and rejects with what fetch would: a `TypeError` whose `cause` has undici's `code`, or the
 * reason of an abort.
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
export const UndiciTransport = { layer }
