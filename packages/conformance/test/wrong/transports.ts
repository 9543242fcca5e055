import { Transport } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { get, type IncomingMessage } from "node:http"
import type { WrongAdapter } from "../support/wrongAdapters.ts"

type Send = (url: string, init: RequestInit) => Promise<Response>

/** A transport over fetch with a mistake. */
const withMistake = (change: (send: Send) => Send): Layer.Layer<Transport> =>
  Layer.sync(Transport, () => Transport.fromFetch(change(fetch)))

const withBody = (response: Response, body: BodyInit | null): Response =>
  new Response([204, 205, 304].includes(response.status) ? null : body, response)

/** Reads a response body piece by piece, and ignores errors and cancellation. */
const copied = (response: Response): Response => {
  const reader = response.body?.getReader()
  if (reader === undefined) return response
  const copy = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const { value } = await reader.read().catch(() => ({ value: undefined }))
      return value === undefined ? controller.close() : controller.enqueue(value)
    }
  })
  return withBody(response, copy)
}

/** Drops the rest of a body, but only if it is read as a stream. */
const shortened = (response: Response): Response => {
  let bytes = 0
  const cut = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform: (chunk, controller) => {
      if (bytes < 128 * 1024) controller.enqueue(new Uint8Array(chunk))
      bytes += chunk.byteLength
    }
  })
  const { body } = response
  return body === null ? response : Object.defineProperty(response, "body", { get: () => body.pipeThrough(cut) })
}

/** A client over node:http that knows only the simplest responses. */
const naiveGet: Send = (url, { method }) =>
  new Promise((resolve, reject) => {
    const headers = { "accept-encoding": "gzip, deflate, br" }
    const request = get(url, { method, headers }, async (message) => {
      const { headers: received, statusCode: status = 0 } = message
      if (status >= 400 || (received["content-encoding"] ?? "gzip") !== "gzip") return reject(new Error("failed"))
      let text = ""
      if (received["content-length"] !== undefined) for await (const chunk of message) text += String(chunk)
      const decoded = Object.entries(received).map(
        ([name, value]) => [name, Buffer.from(String(value), "latin1")] as const
      )
      try {
        resolve(new Response(text, { status, headers: decoded.map(([name, value]) => [name, value.toString("utf8")]) }))
      } catch (error) {
        reject(error)
      }
    })
    request.on("information", ({ statusCode }: IncomingMessage) => {
      if (statusCode === 103) resolve(new Response(null, { status: 200 }))
    })
    request.on("error", reject)
  })

/** Changes everything that it sends. */
const carelessRequest = (): ((send: Send) => Send) => {
  let authorization: string | null = null
  return (send) => (url, init) => {
    const headers = new Headers({ ...(init.headers as Record<string, string>) })
    authorization = headers.get("authorization") ?? authorization
    if (authorization !== null) headers.set("authorization", authorization)
    headers.set("user-agent", "careless/1")
    headers.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    const { method = "GET" } = init
    const body = method === "GET" || method === "HEAD" ? null : JSON.stringify(init.body)
    return send(decodeURI(url), { ...init, headers, body, method: method.toLowerCase() })
  }
}

const retried =
  (isRetried: (response: Response) => boolean): ((send: Send) => Send) =>
  (send) =>
  async (url, init) => {
    const response = await send(url, init).catch(() => send(url, init))
    return isRetried(response) ? send(url, init) : response
  }

/** A client that shares requests, caches responses and keeps cookies. */
const browserLike = (send: Send): Send => {
  const cache = new Map<string, Promise<Response>>()
  let cookie = ""
  return async (url, init) => {
    const headers = new Headers(init.headers)
    if (cookie !== "") headers.set("cookie", cookie)
    const { origin } = new URL(url)
    const cached = cookie === "" ? cache.get(origin) : undefined
    const sent = cached ?? send(url, { ...init, headers })
    cache.set(origin, sent)
    const response = await sent
    cookie = response.headers.getSetCookie()[0] ?? cookie
    return response.clone()
  }
}

/** Rejects with the request in the error, and with every request after that. */
const talkative = (send: Send): Send => {
  let hasFailed = false
  return async (url, init) => {
    if (hasFailed) throw new Error("closed", { cause: init })
    try {
      return await send(url, init)
    } catch (error) {
      hasFailed = true
      throw Object.assign(new Error("failed", { cause: error }), { request: { url, ...init } })
    }
  }
}

/** Aborts all requests when the layer is released. */
const endingResponses = Layer.effect(
  Transport,
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (abort) => Effect.sync(() => abort.abort())
    ),
    ({ signal }) => Transport.fromFetch((url, init) => fetch(url, { ...init, signal }))
  )
)

export const wrongTransports: ReadonlyArray<WrongAdapter<Layer.Layer<Transport>>> = [
  {
    mistake: "a naive client over node:http",
    adapter: Layer.sync(Transport, () => Transport.fromFetch(naiveGet)),
    fails: `
      any-status-resolves platform-response response-bytes no-body-is-null response-headers non-ascii-headers
      content-encoding unknown-encoding informational-responses body-framing same-responses-as-fetch`
  },
  {
    mistake: "a transport whose streams end after 128 KiB",
    adapter: withMistake((send) => async (url, init) => shortened(await send(url, init))),
    fails: "body-sizes"
  },
  {
    mistake: "a transport with a timeout of its own",
    adapter: withMistake((send) => (url, init) => send(url, { ...init, signal: AbortSignal.timeout(1_000) })),
    fails: "slow-response"
  },
  {
    mistake: "a transport that changes what it sends",
    adapter: Layer.suspend(() => withMistake(carelessRequest())),
    fails: `
      request-target request-method request-headers no-added-headers authorization request-bodies
      content-length invalid-requests same-requests-as-fetch`
  },
  {
    mistake: "a transport that reads all bodies into memory",
    adapter: withMistake((send) => async (url, init) => {
      const isStream = init.body instanceof ReadableStream
      const body = isStream ? await new Response(init.body as ReadableStream).arrayBuffer() : (init.body ?? null)
      const response = await send(url, { ...init, body })
      return withBody(response, await response.arrayBuffer())
    }),
    fails: "response-streaming response-backpressure request-streaming request-backpressure early-response"
  },
  {
    mistake: "a transport that follows redirects",
    adapter: withMistake((send) => (url, init) => send(url, { ...init, redirect: "follow" })),
    fails: "manual-redirects error-redirects"
  },
  {
    mistake: "a transport that reads the signal once, after the response",
    adapter: withMistake((send) => async (url, { signal, ...init }) => {
      const response = await send(url, init)
      signal?.throwIfAborted()
      return response
    }),
    fails: "aborted-before abort-while-waiting abort-errors abort-while-reading abort-while-sending abort-right-away"
  },
  {
    mistake: "a transport with one signal for all requests",
    adapter: Layer.suspend(() => {
      const shared = new AbortController()
      return withMistake((send) => (url, { signal, ...init }) => {
        signal?.addEventListener("abort", () => shared.abort(signal.reason))
        return send(url, { ...init, signal: shared.signal })
      })
    }),
    fails: "abort-after-end abort-is-per-request"
  },
  {
    mistake: "a transport that responds for a server that does not",
    adapter: withMistake(
      (send) => async (url, init) => send(url, init).then(copied, () => new Response(null, { status: 502 }))
    ),
    fails: "connection-failures truncated-body corrupt-encoding cancel-ends-transfer"
  },
  {
    mistake: "a transport whose errors contain the request, and that stops working after one",
    adapter: withMistake(talkative),
    fails: "failures-hide-authorization aborts-hide-authorization failure-is-per-request"
  },
  {
    mistake: "a transport that retries",
    adapter: withMistake(retried(({ status }) => status === 401 || status === 503)),
    fails: "no-retry-after-status no-retry-after-failure"
  },
  {
    mistake: "a transport that shares requests, caches responses and keeps cookies",
    adapter: withMistake(browserLike),
    fails: "no-cache no-cookies requests-are-independent"
  },
  {
    mistake: "a transport that ends its responses when it is released",
    adapter: endingResponses,
    fails: "responses-outlive-layer"
  }
]
