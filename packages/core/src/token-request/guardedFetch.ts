import * as Effect from "effect/Effect"
import type { GrantUse } from "../grants/GrantUse.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { TokenFetch } from "../ports/Provider.ts"
import type { Transport } from "../ports/Transport.ts"
import type { TransportResponse } from "../ports/TransportResponse.ts"
import { causeSummary, connectionFailed } from "../errors/causeSummary.ts"
import { isControlFlow } from "../errors/controlFlow.ts"
import { cancelBody, readBounded, readWithin } from "../requests/boundedBody.ts"
import { resolveTokenUrl } from "../requests/originRules.ts"
import { isRedirect } from "../requests/redirects.ts"
import type { PromiseRunner } from "../runtime/promiseRunner.ts"
import { providerFailed, redirected, responseInvalid, unavailable, unreachable } from "./tokenRequestErrors.ts"

/** How long the body of an error response is read, in milliseconds: the status says most, and a body may never end. */
const errorBodyMillis = 1_000

/** Statuses whose responses have no body, which `Response` enforces. */
const bodyless = new Set([204, 205, 304])

const bodyOf = Effect.fnUntraced(function* ({ body, status }: TransportResponse, maxBody: number) {
  if (status < 200 || status > 299) return yield* readWithin(body, maxBody, errorBodyMillis)
  const read = yield* Effect.mapError(readBounded(body, maxBody), (error) => {
    const failure = connectionFailed("The connection broke during the token response", causeSummary(error))
    return unavailable(failure.what, failure.fix, failure.cause)
  })
  if (!read.complete) return yield* responseInvalid(`it is larger than ${maxBody} bytes`)
  return read.text
})

/**
 * The `fetch` of one token request: the credential reaches the token origins only, and no error holds
 * a secret.
 *
 * @param holdsKey Whether a text contains a part of the API key: such a path, or target of a redirect, is not shown.
 * @param beforeSending Runs once the URL is checked, right before anything is sent; its failure ends the request.
 * @param grant The refresh token that requests with a body contain, if there is one.
 * @param onResponse Gets each response's status and headers.
 */
export const guardedFetch = <E>(options: {
  readonly transport: Transport["Service"]
  readonly tokenOrigins: ReadonlyArray<URL>
  readonly maxBody: number
  readonly run: PromiseRunner
  readonly signal: AbortSignal
  readonly holdsKey: (text: string) => boolean
  readonly beforeSending: Effect.Effect<void, E>
  readonly onResponse: (status: number, headers: Headers) => void
  readonly grant: GrantUse | undefined
}): TokenFetch => {
  const { beforeSending, grant, holdsKey, maxBody, onResponse, run, signal, tokenOrigins, transport } = options

  /** The URL as errors show it. The server chose an origin that was discovered. */
  const shown = (url: URL): URL =>
    new URL(holdsKey(url.host) ? "https://unknown" : holdsKey(url.pathname) ? url.origin : url)

  /** Where a redirect leads, as errors show it. */
  const redirectOrigin = (location: string | null, from: URL): string => {
    const origin = location !== null && URL.canParse(location, from) ? new URL(location, from).origin : "unknown"
    return holdsKey(origin) ? "unknown" : origin
  }

  const send = async (url: URL, method: string, init: RequestInit): Promise<TransportResponse> => {
    // A request without a body, such as that for a discovery document, contains no refresh token.
    const sending = init.body === undefined ? undefined : grant
    sending?.onSend()
    try {
      return await transport.send(url.href, { ...init, method, signal })
    } catch (error) {
      sending?.onSendFailed(error)
      // Of the transport: its fetch returned no response.
      if (error instanceof TokenkeepError) throw error
      throw isControlFlow(error) ? error : unreachable(shown(url), method, error)
    }
  }

  const guarded: TokenFetch = async (input, { body, headers, method = "GET" } = {}) => {
    // Its text is no URL, and its headers and body would be lost.
    if (typeof input === "object" && input instanceof Request) throw providerFailed("passed a Request to its fetch")
    const url = resolveTokenUrl(input, tokenOrigins)
    if (url instanceof TokenkeepError) throw url
    await run(beforeSending, signal)
    const response = await send(url, method, {
      headers: {
        "cache-control": "no-store",
        // A kept connection may have ended meanwhile, and it would be unknown whether a refresh token was received.
        ...(grant && { connection: "close" }),
        ...Object.fromEntries(new Headers(headers))
      },
      // fetch requires `duplex` for streams.
      ...(body === undefined || body === null ? undefined : { body, duplex: "half" }),
      redirect: "manual",
      // Workers with a compatibility date before 2024-11-11 refuse it.
      ...("cache" in Request.prototype && { cache: "no-store" }),
      credentials: "omit"
    })
    if (isRedirect(response)) {
      cancelBody(response.body)
      throw redirected(shown(url), redirectOrigin(response.headers.get("location"), url))
    }
    onResponse(response.status, response.headers)
    const text = await run(bodyOf(response, maxBody), signal)
    if (response.status < 200 || response.status > 599) throw responseInvalid(`status ${response.status}`)
    const { headers: received, status } = response
    return new Response(bodyless.has(status) ? null : text, { status, headers: received })
  }

  return (input, init) => {
    const response = guarded(input, init)
    // A provider may ignore what its fetch rejects with; that must not end the process.
    response.catch(() => undefined)
    return response
  }
}
