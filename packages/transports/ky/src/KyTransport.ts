import { Transport } from "@tokenkeep/core"
import * as Layer from "effect/Layer"
import platformKy, { isNetworkError, type AfterResponseHook, type KyInstance, type Options, replaceOption } from "ky"

/**
 * What the ky transport can be told.
 *
 * @example
 * ```ts
 * import type { KyTransportOptions } from "@tokenkeep/transport-ky"
 * import ky from "ky"
 *
 * const options: KyTransportOptions = { ky: ky.create({ headers: { "x-app": "reports" } }) }
 * console.log(typeof options.ky) // => function
 * ```
 */
export interface KyTransportOptions {
  /** The instance to send with: its hooks, default headers and `fetch` are used, its policy is not. ky's own by default. */
  readonly ky?: KyInstance | undefined
}

/** What core decides: whether to send again, how long to wait, what a status means, and where a request goes. */
const noPolicy = { retry: 0, timeout: false, totalTimeout: false, throwHttpErrors: false, prefix: "" } satisfies Options

/** A hook that may ask for the request to be sent again: core does that where it is due, so here it is not done. */
const withoutRetry = (hook: AfterResponseHook, isRetry: (value: unknown) => boolean): AfterResponseHook => {
  return async (state) => {
    const result = await hook(state)
    return isRetry(result) ? undefined : result
  }
}

/** The instance without its policy, and what it sends with. */
const prepared = (instance: KyInstance) => {
  let send: NonNullable<Options["fetch"]> = (input, init) => fetch(input, init)
  const { constructor: RetryMarker } = instance.retry()
  const ky = instance.extend(({ fetch: own, hooks }) => {
    if (own !== undefined) send = own
    const afterResponse = hooks?.afterResponse?.map((hook) =>
      withoutRetry(hook, (value) => value instanceof RetryMarker)
    )
    return { ...noPolicy, hooks: replaceOption({ ...hooks, afterResponse: afterResponse ?? [] }) }
  })
  return { ky, send }
}

/** The origin of an absolute URL, up to the slash behind it. */
const audienceOf = (url: string): string => url.slice(0, url.indexOf("/", "https://".length) + 1)

/** What fetch itself rejected with, which ky wraps. */
const unwrapped = (error: unknown): never => {
  throw isNetworkError(error) ? error.cause : error
}

/**
 * The instance as a fetch. `Authorization` goes around it: ky gets the request without it, and it is put on where the
 * request is sent, unless a hook took the request to another origin. So no hook and no error of ky's holds a token, and
 * none of the instance's own takes its place.
 */
const fetchOver = (instance: KyInstance) => {
  const { ky, send } = prepared(instance)
  return async (url: string, init: RequestInit): Promise<Response> => {
    const audience = audienceOf(url)
    const headers = new Headers(init.headers)
    const authorization = headers.get("authorization")
    headers.delete("authorization")
    const authorized: typeof send = (request, extra) => {
      const { headers: given, url: to } = request as Request
      const sent = new Headers(given)
      sent.delete("authorization")
      if (authorization !== null && to.startsWith(audience)) sent.set("authorization", authorization)
      return send(request, { ...extra, headers: sent })
    }
    return ky(url, { method: "GET", ...init, headers, fetch: authorized }).catch(unwrapped)
  }
}

const layer = (options: KyTransportOptions = {}): Layer.Layer<Transport> =>
  Layer.sync(Transport, () => Transport.fromFetch(fetchOver(options.ky ?? platformKy)))

/**
 * The transport over a ky instance: its hooks and default headers are used; its retries, timeouts, prefix and
 * `throwHttpErrors` are not, because those are decisions that core makes.
 *
 * Hooks see requests without the token. Statuses are values; what fetch rejects with is passed on as it is.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { KyTransport } from "@tokenkeep/transport-ky"
 * import ky from "ky"
 *
 * await using server = await startFakeDeeply()
 * const seen: Array<string | null> = []
 * const watching = ky.create({
 *   hooks: { beforeRequest: [({ request }) => void seen.push(request.headers.get("authorization"))] }
 * })
 * await using deeply = createDeeply({
 *   apiKey: server.apiKey,
 *   host: server.host,
 *   transport: KyTransport.layer({ ky: watching })
 * })
 * console.log((await deeply.fetch("/api/v1/events")).status) // => 200
 * console.log(seen.join()) // => ,
 * ```
 */
export const KyTransport = { layer }
