import type { ProviderResponse } from "@tokenkeep/core"
import { type Checks, ensure, ensureEqual, violated } from "../checks.ts"
import { describeResponse, tagOf } from "./describe.ts"
import { hasFetchStatus, type ProviderFixture, toProviderResponse } from "./fixture.ts"

const allStatuses = Array.from({ length: 400 }, (_, index) => 200 + index)

const loginPage = "<!doctype html><title>Please log in to this network</title>"

const withStatus = (response: ProviderResponse, status: number): ProviderResponse => ({ ...response, status })

/** JSON that is not a token. */
const notTokens = ["null", "true", "17", "[]", "{}", '["tok"]', '{"token":"tok"}']

/** Bodies that are not the documented one, although most of them contain the token. */
const otherBodies = (text: string, token: string): ReadonlyArray<string> => {
  const known = ["", " ", "null", "[]", "{}", loginPage, token, JSON.stringify(token), text.slice(0, -1), text + text]
  const wrapped = [`[${text}]`, `{"data":${text}}`, `${text}x`, `<html>${text}</html>`]
  return [...known, ...wrapped, ...notTokens.map((other) => text.replaceAll(JSON.stringify(token), other))]
}

/** The verdict on the documented response to a valid key. */
function* issuedVerdict({ readToken, responses }: ProviderFixture) {
  const verdict = yield* readToken(responses[0])
  return verdict._tag === "Issued" ? verdict : yield* violated(`the verdict is ${tagOf(verdict)}`)
}

export const tokenResponse: Checks<ProviderFixture> = {
  "issued-token": {
    behaviour: "requestToken reads the token from the documented response.",
    guarantees: ["TOK-10"],
    *check(fixture) {
      const { token } = yield* issuedVerdict(fixture)
      yield* ensure(token === fixture.documented.issued.token, "the verdict has another token")
    }
  },
  "issued-lifetime": {
    behaviour: "requestToken reads the lifetime in milliseconds, or the expiry in epoch milliseconds.",
    guarantees: ["TOK-6", "TOK-9"],
    requires: ["lifetime"],
    *check(fixture) {
      const { expiresAt, lifetime } = yield* issuedVerdict(fixture)
      yield* ensureEqual("the lifetime", lifetime, fixture.documented.issued.lifetime)
      yield* ensureEqual("expiresAt", expiresAt, fixture.documented.issued.expiresAt)
    }
  },
  "no-token-from-other-status": {
    behaviour: "requestToken reads a token from the documented status only.",
    guarantees: ["TOK-10"],
    *check({ readToken, responses: [issued] }) {
      for (const status of allStatuses) {
        if (status === issued.status) continue
        const verdict = yield* readToken(withStatus(issued, status))
        yield* ensure(verdict._tag !== "Issued", `a token was read from status ${status}`)
      }
    }
  },
  "no-token-from-other-body": {
    behaviour: "requestToken reads a token from the documented body only, wherever another body contains one.",
    guarantees: ["TOK-10"],
    requires: ["json"],
    *check({ documented, readToken, responses: [issued] }) {
      for (const text of otherBodies(issued.text, documented.issued.token)) {
        const response = { ...issued, text }
        const verdict = yield* readToken(response)
        yield* ensure(verdict._tag !== "Issued", `a token was read from ${describeResponse(response)}`)
      }
    }
  },
  "rejected-key": {
    behaviour: "requestToken recognizes the documented rejection of a key, and marks it as documented.",
    guarantees: ["KEY-2"],
    *check({ documented, readToken }) {
      const verdict = yield* readToken(toProviderResponse(documented.keyRejected, false))
      if (verdict._tag !== "KeyRejected") return yield* violated(`the verdict is ${tagOf(verdict)}`)
      yield* ensure(verdict.documented === true, "the rejection is not marked as documented")
    }
  },
  "login-page-is-undocumented": {
    behaviour: "A page of a firewall or a captive portal is never marked as the issuer's own rejection.",
    guarantees: ["KEY-2"],
    *check({ documented, readToken }) {
      for (const status of [documented.keyRejected.status, 401, 403]) {
        for (const body of [loginPage, "", "Forbidden", "{", "[]", "null"]) {
          const response = toProviderResponse({ status, body }, false)
          const verdict = yield* readToken(response)
          const isTrusted = verdict._tag === "KeyRejected" && verdict.documented === true
          yield* ensure(!isTrusted, `${describeResponse(response)} is marked as the issuer's own rejection`)
        }
      }
    }
  },
  "server-error-is-unavailable": {
    behaviour: "A token request with status 5xx is Unavailable or RateLimited, whatever the body says.",
    guarantees: ["KEY-2", "TOK-10"],
    *check({ readToken, responses }) {
      for (const response of responses) {
        for (const status of [500, 502, 503, 504, 599]) {
          const tag = tagOf(yield* readToken(withStatus(response, status)))
          const isRetried = tag === "Unavailable" || tag === "RateLimited"
          yield* ensure(isRetried, `the verdict is ${tag} for ${describeResponse(withStatus(response, status))}`)
        }
      }
    }
  },
  "token-request-429": {
    behaviour: "A token request with status 429 is RateLimited, whatever the body says.",
    guarantees: ["KEY-2", "TOK-10"],
    *check({ randomResponses, readToken }) {
      for (const response of randomResponses.filter(hasFetchStatus)) {
        const limited = withStatus(response, 429)
        const tag = tagOf(yield* readToken(limited))
        yield* ensure(tag === "RateLimited", `the verdict is ${tag} for ${describeResponse(limited)}`)
      }
    }
  }
}
