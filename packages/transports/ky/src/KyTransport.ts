import { checkOptions, ofType, Transport } from "@tokenkeep/core"
import * as Layer from "effect/Layer"
import defaultKy, { isNetworkError, type AfterResponseHook, type KyInstance, type Options, replaceOption } from "ky"

/**
 * The options of {@link KyTransport}.
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
  /**
   * The instance that sends the requests. Its hooks, default headers, search parameters and `fetch` are used; its
   * retries, timeouts, prefix and `throwHttpErrors` are not. Default: ky's default instance.
   */
  readonly ky?: KyInstance | undefined
}

/** Core decides about retries, timeouts, statuses and URLs, so these options of the instance are switched off. */
const noPolicy = { retry: 0, timeout: false, totalTimeout: false, throwHttpErrors: false, prefix: "" } satisfies Options

/** Runs the hook, but ignores a retry that it asks for: only core repeats a request. */
const ignoringRetry = (hook: AfterResponseHook, isRetry: (value: unknown) => boolean): AfterResponseHook => {
  return async (state) => {
    const result = await hook(state)
    return isRetry(result) ? undefined : result
  }
}

/** The instance without its retries, timeouts and other policy, and the `fetch` that it was created with. */
const withoutPolicy = (instance: KyInstance) => {
  let instanceFetch: NonNullable<Options["fetch"]> = (input, init) => fetch(input, init)
  const { constructor: RetryMarker } = instance.retry()
  const ky = instance.extend(({ fetch: configured, hooks }) => {
    if (configured !== undefined) instanceFetch = configured
    const afterResponse = hooks?.afterResponse?.map((hook) =>
      ignoringRetry(hook, (value) => value instanceof RetryMarker)
    )
    return { ...noPolicy, hooks: replaceOption({ ...hooks, afterResponse: afterResponse ?? [] }) }
  })
  return { ky, instanceFetch }
}

/** A URL without its query and fragment. */
const addressOf = (url: string): string => {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/**
 * Keeps what aborts a signal as long as the signal: in Node, the signal of ky's `Request` follows the caller's only until
 * that `Request` is collected, which may be before the body is read.
 */
const abortedBy = new WeakMap<AbortSignal, ReadonlyArray<object>>()

/** Rejects with the error of `fetch` that ky wraps in its own. */
const rethrowFetchError = (error: unknown): never => {
  throw isNetworkError(error) ? error.cause : error
}

/**
 * Makes a function with the signature of `fetch` that sends with the instance.
 *
 * ky gets each request without `Authorization`. The header is set beneath ky, in the `fetch` that ky calls. So no hook and
 * no ky error contains the token, and no header of the instance replaces it. If a hook changed the origin or the path, the
 * header is not set: core checked another URL, and the transport does not know the base URL.
 */
const fetchWith = (instance: KyInstance) => {
  const { ky, instanceFetch } = withoutPolicy(instance)
  return async (url: string, init: RequestInit): Promise<Response> => {
    const address = addressOf(url)
    const headers = new Headers(init.headers)
    const authorization = headers.get("authorization")
    headers.delete("authorization")
    const authorizedFetch: typeof instanceFetch = (input, extra) => {
      const request = input as Request
      if (init.signal) abortedBy.set(request.signal, [request, init.signal])
      const sent = new Headers(request.headers)
      sent.delete("authorization")
      if (authorization !== null && addressOf(request.url) === address) sent.set("authorization", authorization)
      return instanceFetch(request, { ...extra, headers: sent })
    }
    return ky(url, { method: "GET", ...init, headers, fetch: authorizedFetch }).catch(rethrowFetchError)
  }
}

const layer = (options: KyTransportOptions = {}): Layer.Layer<Transport> => {
  checkOptions(options, { ky: ofType("function") })
  return Layer.sync(Transport, () => Transport.fromFetch(fetchWith(options.ky ?? defaultKy)))
}

/**
 * A transport that sends requests with a ky instance.
 *
 * The instance's hooks and default headers are used. Its retries, timeouts, prefix and `throwHttpErrors` are not: core
 * decides about those. Hooks see requests without the token. Every status resolves. If `fetch` rejects, the request
 * rejects with the same error.
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
 * console.log(seen) // => [ null, null ]
 * ```
 */
export const KyTransport = { layer }
