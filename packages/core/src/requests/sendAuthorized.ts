import * as Effect from "effect/Effect"
import type { AccessToken } from "../credentials/AccessToken.ts"
import { Credentials } from "../credentials/Credentials.ts"
import { containsPart } from "../credentials/containsPart.ts"
import { disposedError } from "../errors/disposed.ts"
import { withoutReceivedBytes } from "../errors/receivedBytes.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { TokenManager } from "../lifecycle/TokenManager.ts"
import { Provider } from "../ports/Provider.ts"
import { Transport } from "../ports/Transport.ts"
import type { TransportResponse } from "../ports/TransportResponse.ts"
import { clocks } from "../runtime/clocks.ts"
import { requestsAreIsolated } from "../runtime/isolation.ts"
import type { PromiseRunner } from "../runtime/promiseRunner.ts"
import { count, traced } from "../telemetry/Telemetry.ts"
import type { RejectionReason } from "../telemetry/TokenEvent.ts"
import { verdictOf } from "./authorizationErrors.ts"
import { readBody } from "./body.ts"
import { cancelBody } from "./boundedBody.ts"
import type { ClientSettings } from "./clientSettings.ts"
import { withAuthorization } from "./headers.ts"
import { carriesKey, type KeyRules, misusedError } from "./keyRules.ts"
import { startsWithBase } from "./originRules.ts"
import type { PreparedRequest } from "./preparedRequest.ts"
import { isRedirect, nextRequest, unnamedRedirect } from "./redirects.ts"

/** What a replay sends: the first request or, if a redirect turned it into a GET, that GET: the POST was accepted. */
interface Start {
  readonly request: PreparedRequest
  /** How many redirects led to it. */
  readonly redirects: number
}

/** A request as it was sent last, and its response. */
export interface Exchange extends Start {
  readonly response: TransportResponse
  readonly start: Start
}

/** How often a request is repeated after a 401 at most (REQ-1). */
const maxReplays = 2

/** A token that is rejected at a lower age, in milliseconds, was new: a newer one would be rejected as well. */
const newTokenAge = 1_000

/** How long the body of a 401 response is read, in milliseconds: the replay waits for it. */
const rejectionBodyMillis = 250

/** Sends authorized requests: add the token, send, follow redirects, and after a 401 renew and repeat. */
export const makeSendAuthorized = Effect.fnUntraced(function* (base: URL, keys: KeyRules, settings: ClientSettings) {
  const provider = yield* Provider
  const manager = yield* TokenManager
  const transport = yield* Transport
  const credentials = yield* Credentials
  const { wall } = yield* clocks
  const baseUrl = base.href
  const isIsolated = requestsAreIsolated()
  const seesRedirects = transport.redirects === "visible"
  const oldTokenAge = newTokenAge + (provider.propagation ?? 0)
  /** The tokens that were rejected last: a late response may still repeat one. */
  let rejected: ReadonlyArray<AccessToken> = []
  let rejecting: { readonly token: AccessToken; readonly done: Promise<void> } | undefined

  const initFor = (request: PreparedRequest, token: AccessToken | undefined): RequestInit => {
    const { body, followRedirects, init, overrideAuthorization, signal, url } = request
    const sent: RequestInit = { ...init }
    // The final URL is checked once more, right where the header is set (REQ-3).
    if (token !== undefined && request.addToken && startsWithBase(url, baseUrl)) {
      sent.headers = withAuthorization(init.headers, `Bearer ${token.reveal()}`, overrideAuthorization)
    }
    if (body._tag === "Replayable" || body._tag === "Once") sent.body = body.value
    if (signal !== undefined) sent.signal = signal
    if (followRedirects && seesRedirects) sent.redirect = "manual"
    return sent
  }

  /** Whether a text from outside contains a part of a key or of a token, and must not be shown. */
  const holdsSecret = (text: string, sent: AccessToken | undefined = manager.peek()): boolean =>
    credentials.arePartlyIn(text) || [sent, ...rejected].some((token) => token && containsPart(text, token.reveal()))

  /** The error of a redirect, without its URL if that repeats the token or a key: the server chose it. */
  const shown = (error: Error, token: AccessToken | undefined): Error =>
    error instanceof TokenkeepError && holdsSecret(`${error.message} ${JSON.stringify(error.reason)}`, token)
      ? unnamedRedirect()
      : error

  /** Sends one request and follows its redirects. */
  const transmit = async (first: Start, token: AccessToken | undefined): Promise<Exchange> => {
    let start = first
    let { request } = first
    try {
      for (let { redirects } = first; ; redirects += 1) {
        const response = await transport.send(request.url, initFor(request, token))
        const follows = request.followRedirects && seesRedirects && isRedirect(response)
        const next = follows
          ? nextRequest(request, response, { base: baseUrl, policy: settings.redirects, followed: redirects })
          : undefined
        if (next === undefined) return { request, response, redirects, start }
        cancelBody(response.body)
        if (next instanceof Error) throw shown(next, token)
        if (next.init.method !== request.init.method) start = { request: next, redirects: redirects + 1 }
        request = next
      }
    } catch (error) {
      throw withoutReceivedBytes(error)
    }
  }

  /** How the server rejected the token: its lifetime is learned from that (TOK-6). */
  const rejectionReason = (response: TransportResponse, keepBody: boolean) =>
    Effect.gen(function* () {
      const { headers, status } = response
      const verdict = yield* verdictOf(
        provider,
        { status, headers, body: keepBody ? null : response.body },
        rejectionBodyMillis
      )
      if (verdict._tag === "TokenExpired") return "expired" satisfies RejectionReason
      return keepBody ? "unknown" : "invalid"
    })

  /** Reports the rejection of a token once for all requests that were rejected with it. */
  const reject = async (
    token: AccessToken,
    response: TransportResponse,
    keepBody: boolean,
    signal: AbortSignal | undefined,
    run: PromiseRunner
  ): Promise<void> => {
    // Isolated requests cannot wait for each other: each reports the rejection, and the first one counts.
    if (rejecting?.token === token && !isIsolated) {
      if (!keepBody) cancelBody(response.body)
    } else {
      const rejection = Effect.flatMap(rejectionReason(response, keepBody), (reason) => manager.reject(token, reason))
      rejecting = { token, done: run(rejection, undefined) }
      rejected = [token, ...rejected].slice(0, 4)
    }
    const { done } = rejecting
    await (signal === undefined
      ? done
      : run(
          Effect.promise(() => done),
          signal
        ))
  }

  /** A span exports what it ends with: a function shows neither the response, nor an error that may quote the token. */
  const replay = traced("replay")(function* (start: Start) {
    const token = yield* manager.get
    yield* manager.propagated(token)
    yield* count("replays")
    const exchange = yield* Effect.tryPromise({
      try: () => transmit(start, token),
      catch: (error) => (error instanceof TokenkeepError ? error : () => error)
    })
    return () => ({ token, exchange })
  })

  const isRejected = ({ request, response }: Exchange): boolean => response.status === 401 && request.addToken

  /** Whether a replay's token may have expired on the way: it was adopted late, or the process was frozen. */
  const isOld = ({ issuedAt }: AccessToken): boolean => wall() - issuedAt >= oldTokenAge

  /** After a 401, renews the token and repeats the request (REQ-1). */
  const replayed = async (sent: AccessToken, first: Exchange, run: PromiseRunner) => {
    const { signal } = first.request
    let token = sent
    let exchange = first
    for (let replays = 0; replays < maxReplays && isRejected(exchange); replays += 1) {
      if (replays > 0 && !isOld(token)) break
      const isOnce = exchange.start.request.body._tag === "Once"
      // The caller gets the response to a stream, so its body must stay unread.
      await reject(token, exchange.response, isOnce, signal, run)
      if (isOnce) {
        const { body } = exchange.response
        await run(
          Effect.onError(manager.get, () => Effect.sync(() => cancelBody(body))),
          signal
        )
        break
      }
      const replaying = Effect.mapError(replay(exchange.start), (error) =>
        typeof error === "function" ? error() : error
      )
      ;({ token, exchange } = (await run(replaying, signal))())
    }
    return exchange
  }

  /** With a cached token, this enters no runtime and copies nothing of the request (TOK-1). */
  const sendAuthorized = async (unread: PreparedRequest, run: PromiseRunner): Promise<Exchange> => {
    const request =
      unread.body._tag === "Unread"
        ? { ...unread, body: await run(readBody(unread.body, settings.replayBodyLimit), unread.signal) }
        : unread
    const { addToken, signal } = request
    if (manager.isDisposed()) throw disposedError()
    const cached = addToken ? manager.cached() : undefined
    const token = cached ?? (await run(addToken ? manager.get : Effect.as(credentials.prime, undefined), signal))
    // Checked again: before its source returned the key, the check could not recognise it.
    if (cached === undefined && carriesKey(request, keys)) throw misusedError()
    const exchange = await transmit({ request, redirects: 0 }, token)
    return token !== undefined && isRejected(exchange) ? replayed(token, exchange, run) : exchange
  }

  return { sendAuthorized, holdsSecret }
})
