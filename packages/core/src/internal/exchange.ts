import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { AccessToken } from "../AccessToken.ts"
import { AuthError } from "../AuthError.ts"
import { Credentials } from "../Credentials.ts"
import { Provider } from "../Provider.ts"
import { countReplay, spans, traced } from "../Telemetry.ts"
import { TokenManager } from "../TokenManager.ts"
import { Transport, type TransportResponse } from "../Transport.ts"
import { readBody } from "./body.ts"
import { discardBody } from "./boundedText.ts"
import { disposedError } from "./disposed.ts"
import { withAuthorization } from "./headers.ts"
import { carriesKey, type KeyRules, misusedError, type Outgoing } from "./outgoing.ts"
import { isRedirect, maxHops, nextHop } from "./redirects.ts"
import { verdictOf } from "./refusal.ts"

/** What the transport rejected with: the caller of `fetch` gets just that, the Effect door a stripped copy. */
export class TransportRejected extends Data.TaggedError("TransportRejected")<{ readonly error: unknown }> {}

/** One request's last hop, and its answer. */
export interface Answered {
  readonly outgoing: Outgoing
  readonly response: TransportResponse
  readonly hops: number
}

/** How long a refused answer is read for its reason, in milliseconds. */
const glance = 250

/** Marks a response, and its clones: the hops were followed here, so the platform cannot know of them. */
const redirected = (platform: Response): Response => {
  const clone = platform.clone.bind(platform)
  return Object.defineProperties(platform, {
    redirected: { value: true },
    clone: { value: () => redirected(clone()) }
  })
}

/** The answer as the caller of `fetch` gets it. */
export const toResponse = ({ response, hops }: Answered): Response => {
  const platform = response.toResponse()
  return hops > 0 ? redirected(platform) : platform
}

/** The caller's signal, where it alone may end the call: to join two signals costs more than all else here. */
const signalOf = ({ interruptible, signal }: Outgoing, own: AbortSignal): AbortSignal => {
  if (signal === undefined) return own
  return interruptible === true ? AbortSignal.any([signal, own]) : signal
}

/**
 * One request, from the token to the answer: attach, send, follow hops, and after a 401 renew and repeat once.
 */
export const makeExchange = Effect.fnUntraced(function* (
  base: URL,
  keys: KeyRules,
  settings: { readonly redirects: "strip" | "refuse"; readonly replayBodyLimit: number }
) {
  const provider = yield* Provider
  const manager = yield* TokenManager
  const transport = yield* Transport
  const credentials = yield* Credentials
  const audience = `${base.origin}/`
  const followsHops = transport.hops === "visible"

  const initOf = (outgoing: Outgoing, token: AccessToken | undefined, signal: AbortSignal | undefined): RequestInit => {
    const { body } = outgoing
    const init: RequestInit = { ...outgoing.init }
    // The final URL is looked at where the header is put on: whatever went before, no other origin gets it (REQ-3).
    if (token !== undefined && outgoing.attach && outgoing.url.startsWith(audience)) {
      init.headers = withAuthorization(init.headers, `Bearer ${token.reveal()}`, outgoing.replaces)
    }
    if (body._tag === "Replayable" || body._tag === "Once") init.body = body.value
    if (signal !== undefined) init.signal = signal
    if (outgoing.follows && followsHops) init.redirect = "manual"
    return init
  }

  const transmit = (outgoing: Outgoing, token: AccessToken | undefined) =>
    Effect.tryPromise({
      try: (own) => transport.send(outgoing.url, initOf(outgoing, token, signalOf(outgoing, own))),
      catch: (error) => new TransportRejected({ error })
    })

  const isHop = (outgoing: Outgoing, response: TransportResponse): boolean =>
    outgoing.follows && followsHops && isRedirect(response)

  const follow = Effect.fnUntraced(function* (
    start: Outgoing,
    token: AccessToken | undefined,
    answer: TransportResponse
  ): Effect.fn.Return<Answered, AuthError | TransportRejected> {
    let outgoing = start
    let response = answer
    for (let hops = 0; ; hops += 1) {
      const next = isHop(outgoing, response) ? nextHop(outgoing, response, settings.redirects) : undefined
      if (next === undefined) return { outgoing, response, hops }
      yield* discardBody(response.body)
      if (next instanceof AuthError) return yield* next
      if (next instanceof TypeError) return yield* new TransportRejected({ error: next })
      if (hops === maxHops) {
        const cause = new Error("redirect count exceeded")
        return yield* new TransportRejected({ error: new TypeError("fetch failed", { cause }) })
      }
      outgoing = next
      response = yield* transmit(outgoing, token)
    }
  })

  /** How the server says that it refused the token: its lifetime is learned from that (TOK-6). */
  const rejectionOf = Effect.fnUntraced(function* (response: TransportResponse, hasToStay: boolean) {
    const body = hasToStay ? null : response.body
    const { headers, status } = response
    // Not long: the replay waits for it.
    const verdict = yield* verdictOf(provider, { status, headers, body }, glance)
    if (verdict._tag === "TokenExpired") return "expired"
    return hasToStay ? "unknown" : "invalid"
  })

  /** Renews after a refusal, and repeats the request once. */
  const replay = traced(spans.replay)(function* (outgoing: Outgoing) {
    const renewed = yield* manager.get
    yield* manager.propagated(renewed)
    yield* countReplay
    return yield* follow(outgoing, renewed, yield* transmit(outgoing, renewed))
  })

  /** What is left to do once there is an answer: hops, and the one replay after a 401 (REQ-1). */
  const settle = Effect.fnUntraced(function* (
    outgoing: Outgoing,
    token: AccessToken | undefined,
    answer: TransportResponse
  ) {
    const first = yield* follow(outgoing, token, answer)
    if (token === undefined || first.response.status !== 401 || !first.outgoing.attach) return first
    // The body of an answer that is handed out must not be read here.
    const isFinal = outgoing.body._tag === "Once"
    yield* manager.reject(token, yield* rejectionOf(first.response, isFinal))
    if (!isFinal) return yield* replay(outgoing)
    yield* Effect.onError(manager.get, () => discardBody(first.response.body))
    return first
  })

  /** A request whose body can be sent and looked at. */
  const read = Effect.fnUntraced(function* (unread: Outgoing) {
    const body = yield* Effect.mapError(
      readBody(unread.body, settings.replayBodyLimit),
      (error) => new TransportRejected({ error })
    )
    if (manager.isDisposed()) return yield* disposedError()
    const outgoing: Outgoing = { ...unread, body }
    return carriesKey(outgoing, keys) ? yield* misusedError() : outgoing
  })

  const send = Effect.fnUntraced(function* (unread: Outgoing) {
    const outgoing = yield* read(unread)
    // A key that its source has not told yet cannot be recognised; from here on it can.
    const token = outgoing.attach ? yield* manager.get : yield* Effect.as(credentials.prime, undefined)
    if (carriesKey(outgoing, keys)) return yield* misusedError()
    return yield* settle(outgoing, token, yield* transmit(outgoing, token))
  })

  return {
    /** The whole of it. */
    send,
    /** What is to be done before {@link sendNow} where the body is hidden in a `Request`. */
    read,
    /** What is left to do with an answer that {@link sendNow} got. */
    settle,
    /** Sends at once, without a runtime: the hit path (TOK-1). */
    sendNow: (outgoing: Outgoing, token: AccessToken): Promise<TransportResponse> =>
      transport.send(outgoing.url, initOf(outgoing, token, outgoing.signal)),
    /** Whether an answer needs {@link settle}. */
    isOpen: (outgoing: Outgoing, response: TransportResponse): boolean =>
      response.status === 401 || isHop(outgoing, response)
  }
})
