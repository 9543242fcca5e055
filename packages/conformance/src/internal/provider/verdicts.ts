import type { Verdict } from "@tokenkeep/core"
import { type Check, type Checks, ensure, ensureEqual, violated } from "../checks.ts"
import { describeResponse, tagOf } from "./describe.ts"
import { type ProviderFixture, toProviderResponse } from "./fixture.ts"

/** The verdict on one documented response. */
const documentedAs = (
  name: "expired" | "invalid" | "missing",
  tag: Verdict["_tag"],
  to: string
): Check<ProviderFixture> => ({
  behaviour: `classify returns ${tag} for the documented response to ${to}.`,
  guarantees: ["REQ-1", "TOK-6"],
  requires: [name],
  *check({ documented, provider }) {
    const response = documented[name]
    if (response !== undefined)
      yield* ensureEqual("the verdict", tagOf(provider.classify(toProviderResponse(response))), tag)
  }
})

/** The verdict on each documented response with each of these statuses, and on random responses with one of them. */
function* classifiedAs(
  { provider, randomResponses, responses }: ProviderFixture,
  statuses: ReadonlyArray<number>,
  isRight: (tag: string) => boolean
) {
  const known = responses.flatMap((response) => statuses.map((status) => ({ ...response, status })))
  const random = randomResponses.map((response, index) => ({
    ...response,
    status: statuses[index % statuses.length] ?? response.status
  }))
  for (const response of [...known, ...random]) {
    const tag = tagOf(provider.classify(response))
    yield* ensure(isRight(tag), `the verdict is ${tag} for ${describeResponse(response)}`)
  }
}

const otherStatuses = [...Array.from({ length: 500 }, (_, index) => 100 + index), 0, 999].filter(
  (status) => ![401, 403, 429].includes(status)
)

export const verdicts: Checks<ProviderFixture> = {
  "expired-token": documentedAs("expired", "TokenExpired", "an expired token"),
  "invalid-token": documentedAs("invalid", "TokenInvalid", "an unknown token"),
  "missing-token": documentedAs("missing", "TokenMissing", "a request without a token"),
  "401-rejects-token": {
    behaviour: "classify returns TokenExpired, TokenInvalid or TokenMissing for every 401.",
    guarantees: ["REQ-1"],
    check: (fixture) => classifiedAs(fixture, [401], (tag) => /^Token(?:Expired|Invalid|Missing)$/.test(tag))
  },
  "403-never-renews": {
    behaviour: "classify never returns TokenExpired or TokenInvalid for a 403.",
    guarantees: ["REQ-1"],
    check: (fixture) => classifiedAs(fixture, [403], (tag) => tag !== "TokenExpired" && tag !== "TokenInvalid")
  },
  "429-is-rate-limit": {
    behaviour: "classify returns RateLimited for every 429.",
    guarantees: ["REQ-7"],
    check: (fixture) => classifiedAs(fixture, [429], (tag) => tag === "RateLimited")
  },
  "documented-limit": {
    behaviour: "classify and requestToken read what the documented 429 says, its reset in epoch milliseconds.",
    guarantees: ["REQ-7"],
    requires: ["limited"],
    *check({ documented: { limited }, provider, readToken }) {
      if (limited === undefined) return
      const response = toProviderResponse(limited)
      for (const verdict of [provider.classify(response), yield* readToken(response)]) {
        if (verdict._tag !== "RateLimited") return yield* violated(`the verdict is ${tagOf(verdict)}`)
        for (const name of ["resetAt", "limit", "remaining"] as const) {
          yield* ensureEqual(name, verdict[name], limited[name])
        }
      }
    }
  },
  "other-statuses": {
    behaviour: "classify returns Other for every status but 401, 403 and 429.",
    guarantees: ["REQ-6"],
    check: (fixture) => classifiedAs(fixture, otherStatuses, (tag) => tag === "Other")
  }
}
