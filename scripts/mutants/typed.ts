import { inCore, inDeeply, type Mutant } from "./Mutant.ts"

const inBudget = inCore("internal/endpointBudget.ts", "endpointBudget")
const inLimit = inCore("RateLimit.ts", "RateLimit")
const inCalls = inCore("ApiClient.ts", "ApiClient", "ApiClient.rateLimit")
const inSafeText = inCore("internal/safeText.ts", "ApiClient")
const inChallenge = inCore("Challenge.ts", "Challenge")
const inPaging = inDeeply("internal/paging.ts", "paging", "typedAll")
const inQuery = inDeeply("internal/query.ts", "typedQueries")
const inPromises = inDeeply("internal/promiseCollection.ts", "typedAll", "typedCalls")
const inWire = inDeeply("wire.ts", "wire")

/** Typed calls: the limits that they keep, the pages that they read, and what they make of an answer. */
export const typedMutants: ReadonlyArray<Mutant> = [
  inBudget("stretches-without-a-margin", "before + millis + margin", "before + millis"),
  inBudget("places-out-of-order", "booked.at(-1) ?? now", "now"),
  inBudget("places-not-given-back", "if (index >= 0) booked.splice(index, 1)", ""),
  inBudget("a-closed-endpoint-opens-early", "opensAt = Math.max(opensAt, until)", "opensAt = until"),
  inBudget("forgets-too-soon", "forgetBefore(now - longest)", "forgetBefore(now - longest / 2)"),

  inLimit("waits-beyond-the-patience", "if (place.at - start > patience) {", "if (place.at - now > patience * 2) {"),
  inLimit("goes-to-a-closed-endpoint", "if (place.at >= budget.opensAt()) return", "if (place.at >= 0) return"),
  inLimit(
    "one-budget-for-all-endpoints",
    "budgets.get(endpoint)",
    "budgets.values().next().value ?? budgets.get(endpoint)"
  ),
  inLimit("outwaits-the-client", "rest(Math.ceil(place.at - now), ended)", "Effect.sleep(Math.ceil(place.at - now))"),

  inCalls("a-429-is-not-repeated", "const repeats = 1", "const repeats = 0"),
  inCalls("a-429-is-repeated-twice", "const repeats = 1", "const repeats = 2"),
  inCalls(
    "patience-for-any-wait",
    "if (refused >= (patient ? patientRepeats : repeats) || pause > patience) {",
    "if (refused >= (patient ? patientRepeats : repeats)) {"
  ),
  inCalls("patience-anew-after-a-429", "      patience -= pause\n", ""),
  inCalls("repeats-earlier-than-told", "Math.max(told * (1 + lot / 10), 200", "Math.max(told * (1 - lot / 10), 200"),
  inCalls(
    "repeats-at-once",
    "Math.max(told * (1 + lot / 10), 200 * 2 ** refused * (1 + lot))",
    "told * (1 + lot / 10)"
  ),
  inCalls("a-refusal-closes-nothing", "if (!ofIssuer) limit.close(endpoint, Math.min(pause, longestClosure))", ""),
  inCalls("a-refusal-closes-for-a-day", "Math.min(pause, longestClosure)", "pause"),
  inCalls("the-issuers-limit-has-patience-twice", "if (ofIssuer && !patient) return yield* result.failure", ""),
  inCalls(
    "patient-calls-give-up-first",
    "let patience = patient ? Infinity : settings.patience",
    "let patience = settings.patience"
  ),
  inCalls("any-status-is-a-document", "if (response.status === 200) return", "if (response.status < 400) return"),
  inCalls("a-document-without-end", "if (!complete) return yield*", "if (false) return yield*"),
  inCalls("the-wire-goes-on", "Effect.ensuring(Effect.sync(() => stop.abort()))", "Effect.ensuring(Effect.void)"),
  inCalls(
    "the-token-of-before-is-shown",
    "client.holdsSecret(shown) || (before !== undefined && shown.includes(before.reveal()))",
    "client.holdsSecret(shown)"
  ),
  inCalls(
    "a-place-before-the-token",
    "if (Result.isSuccess(token)) patience -= yield* limit.take(endpoint, patience)",
    "patience -= yield* limit.take(endpoint, patience)",
    "ApiClient.rateLimit"
  ),

  inSafeText("long-words-are-shown", " || longWord.test(shown)", ""),
  inSafeText("long-messages-are-shown", "shown.length > maxLength ||", ""),
  inSafeText("secrets-are-shown", "].some(holdsSecret) ? undefined : shown", "].some(() => false) ? undefined : shown"),
  inSafeText("secrets-are-put-together", ', text.replaceAll(invisible, "")]', "]"),

  inChallenge(
    "the-last-of-two-parameters",
    "if (!parameters.has(name)) parameters.set(name, value)",
    "parameters.set(name, value)"
  ),
  inChallenge("escapes-stay", 'text.replaceAll(/\\\\(.)/g, "$1")', "text"),
  inChallenge("any-length-is-read", "if (text.length > maxLength) return []", ""),

  inPaging("items-come-twice", "if (seen.has(item.id)) continue", ""),
  inPaging(
    "ends-by-the-servers-word",
    "if (!promisesMore || (items.length === 0 && !isPushed)) return",
    "if (!promisesMore) return"
  ),
  inPaging("ends-at-the-first-page-of-known-items", "(items.length === 0 && !isPushed)", "items.length === 0"),
  inPaging(
    "trusts-max-page-alone",
    "request.page < page.max_page || request.page * page.size < page.total_cnt",
    "request.page < page.max_page"
  ),
  inPaging(
    "remembers-every-id",
    "if (seen.size > remembered && oldest !== undefined)",
    "if (seen.size > 1e9 && oldest !== undefined)"
  ),

  inQuery("ids-leave-their-path", "return encodeURIComponent(text)", "return text", "typedCalls"),
  inQuery("dots-are-ids", 'if (text === "." || text === "..")', 'if (text === ".")'),
  inQuery("unknown-names-are-dropped", "?? refuse(name, ", "?? (() => []) ?? refuse(name, "),
  inQuery(
    "an-empty-list-is-all",
    'if (value.length === 0) return refuse(option, "is an empty list"',
    'if (value.length < 0) return refuse(option, "is an empty list"'
  ),
  inQuery("any-size", 'size: wholeOf("size", size, 100)', 'size: wholeOf("size", size, 1_000)'),
  inQuery("ends-before-it-starts", "if (Date.parse(from) > Date.parse(to))", "if (false)"),

  inPromises("ends-and-leaves-the-wire", "      stop.abort()\n", ""),
  inPromises("aborted-between-items-goes-on", "        signal?.throwIfAborted()\n", ""),
  inPromises(
    "the-callers-signal-is-forgotten",
    "signal === undefined ? stop : AbortSignal.any([signal, stop])",
    "stop"
  ),

  inWire("names-of-the-server-are-shown", 'documented.has(key) ? key : "*"', "documented.has(key) ? key : key"),
  inWire("confidence-of-any-size", "confidence: between(0, 1)", "confidence: Schema.Finite"),
  inWire(
    "instants-of-any-kind",
    "const instant = Schema.String.check(Schema.isPattern(iso8601))",
    "const instant = Schema.String"
  )
]
