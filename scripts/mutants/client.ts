import { inCore, type Mutant } from "./Mutant.ts"

const inExchange = inCore("internal/exchange.ts", "deeply/replay")
const inOutgoing = inCore("internal/outgoing.ts", "deeply/ownAuthorization")
const inRedirects = inCore("internal/redirects.ts", "redirects")
const inOrigins = inCore("internal/originRules.ts", "originRules")
const inBody = inCore("internal/body.ts", "body")

/** Requests: where a token goes, what is sent again, and what the caller gets. */
export const clientMutants: ReadonlyArray<Mutant> = [
  inExchange(
    "origin-not-checked-at-the-header",
    "outgoing.attach && outgoing.url.startsWith(audience)",
    "outgoing.attach",
    "mutants.client"
  ),
  inExchange(
    "token-over-the-callers-own",
    "if (token !== undefined && outgoing.attach &&",
    "if (token !== undefined &&"
  ),
  inExchange(
    "redirects-left-to-the-platform",
    'if (outgoing.follows && followsHops) init.redirect = "manual"',
    "",
    "deeply/redirects"
  ),
  inExchange("redirects-without-end", "if (hops === maxHops) {", "if (false) {", "deeply/redirects"),
  inExchange("hop-not-cancelled", "      yield* discardBody(response.body)\n", "", "deeply/redirects"),
  inExchange(
    "second-replay",
    "return yield* follow(outgoing, renewed, yield* transmit(outgoing, renewed))",
    "return yield* settle(outgoing, renewed, yield* transmit(outgoing, renewed))"
  ),
  inExchange("any-status-renews", "first.response.status !== 401", "first.response.status < 401"),
  inExchange(
    "refusal-after-a-hop-elsewhere-renews",
    "|| !first.outgoing.attach) return first",
    ") return first",
    "deeply/redirects",
    "deeply/replay"
  ),
  inExchange(
    "token-not-rejected",
    "yield* manager.reject(token, yield* rejectionOf(first.response, isFinal))",
    "yield* rejectionOf(first.response, isFinal)"
  ),
  inExchange(
    "every-refusal-is-an-end",
    'if (verdict._tag === "TokenExpired") return "expired"',
    'return "expired"',
    "deeply/replay"
  ),
  inExchange("replay-does-not-wait-for-propagation", "    yield* manager.propagated(renewed)\n", "", "deeply/replay"),
  inExchange(
    "streams-sent-twice",
    'const isFinal = outgoing.body._tag === "Once"',
    "const isFinal = false",
    "deeply/bodies"
  ),
  inExchange(
    "refused-body-is-read-though-handed-out",
    "const body = hasToStay ? null : response.body",
    "const body = response.body",
    "mutants.client"
  ),
  inExchange(
    "refused-body-not-cancelled",
    "const body = hasToStay ? null : response.body",
    "const body = null",
    "deeply/replay"
  ),
  inExchange(
    "key-in-a-request-not-recognised",
    "return carriesKey(outgoing, keys) ? yield* misusedError() : outgoing",
    "return outgoing",
    "deeply/ownAuthorization"
  ),
  inExchange(
    "late-key-not-recognised",
    "if (carriesKey(outgoing, keys)) return yield* misusedError()",
    "",
    "deeply/ownAuthorization"
  ),
  inExchange(
    "sends-after-the-dispose",
    "if (manager.isDisposed()) return yield* disposedError()",
    "",
    "TokenKeep",
    "deeply/lifetimes"
  ),
  inExchange("signal-dropped", "if (signal !== undefined) init.signal = signal", "", "deeply/aborts"),

  inOutgoing("key-in-url-not-seen", "if (keys.own(url)) return true", ""),
  inOutgoing(
    "key-in-headers-not-seen",
    "for (const value of headerValues(init.headers)) if (keys.own(value) || keys.others(value)) return true",
    ""
  ),
  inOutgoing("other-clients-key-not-seen", "keys.own(value) || keys.others(value)", "keys.own(value)"),
  inOutgoing(
    "key-in-body-not-seen",
    'return body._tag === "Replayable" && textsOf(body.value).some(keys.own)',
    "return false"
  ),
  inOutgoing(
    "own-authorization-not-respected",
    'attach: auth && (ownAuthorization === "replace" || authorizationOf(headers) === undefined)',
    "attach: auth"
  ),
  inOutgoing("own-authorization-not-replaced", 'replaces: ownAuthorization === "replace"', "replaces: false"),
  inOutgoing(
    "redirect-option-ignored",
    'follows: redirect === undefined || redirect === "follow"',
    "follows: true",
    "deeply/redirects"
  ),
  inOutgoing(
    "headers-change-after-the-call",
    "{ ...rest, headers: headersNow(headers) }",
    "{ ...rest, headers }",
    "deeply/callers"
  ),

  inRedirects("downgrade-followed", 'if (from.protocol === "https:" && to.protocol === "http:") {', "if (false) {"),
  inRedirects("refuse-ignored", 'if (policy === "refuse")', "if (false)"),
  inRedirects("body-to-another-origin", 'if (body._tag !== "None")\n', "if (false)\n"),
  inRedirects("token-kept-on-another-origin", "attach: outgoing.attach && !crossOrigin", "attach: outgoing.attach"),
  inRedirects(
    "port-does-not-count",
    "const crossOrigin = to.origin !== from.origin",
    "const crossOrigin = to.hostname !== from.hostname"
  ),
  inRedirects("callers-headers-kept-on-another-origin", "...(crossOrigin ? callerHeaders : [])", ""),

  inOrigins("path-climbs-out", "if (lowestDepth(path) < 0)", "if (false)"),
  inOrigins("any-origin", "if (url.origin !== base.origin || url.protocol !== base.protocol) {", "if (false) {"),
  inOrigins("encoded-dots-not-seen", 'segment.replaceAll(/%2e/gi, ".")', "segment"),

  inBody("bytes-change-before-the-replay", ".byteLength).slice()", ".byteLength)"),
  inBody(
    "form-changes-before-the-replay",
    "    for (const [name, value] of body) copy.append(name, value)\n    return copy",
    "    return body"
  ),
  inBody("replay-limit-ignored", "while (bytes <= limit) {", "while (bytes <= Infinity) {"),

  inCore("internal/boundedText.ts", "boundedText")(
    "body-not-cancelled",
    "yield* Effect.ensuring(readAll, discard(reader))",
    "yield* readAll"
  ),
  inCore("internal/headers.ts", "headers")(
    "own-header-by-exact-case",
    "name.toLowerCase() === headerName",
    "name === headerName"
  ),
  inCore("internal/baseUrl.ts", "baseUrl")(
    "cleartext-allowed",
    'if (url.protocol === "http:" && !options.cleartext &&',
    'if (url.protocol === "ws:" && !options.cleartext &&'
  ),
  inCore("AuthorizedClient.ts", "mutants.client")(
    "aborted-request-sent",
    "if (signal?.aborted === true) return Promise.reject(signal.reason)",
    ""
  ),
  inCore("AuthorizedClient.ts", "deeply/dropIn")(
    "throws-synchronously",
    "return Promise.reject(error)\n      }",
    "throw error\n      }"
  ),
  inCore("AuthorizedClient.ts", "deeply/aborts")(
    "abort-reason-lost",
    "if (signal?.aborted === true && Cause.hasInterruptsOnly(exit.cause)) throw signal.reason",
    ""
  )
]
