import {
  type Provider,
  type ProviderResponse,
  pureTokenRequest,
  type TokenRequest,
  type TokenVerdict,
  type Verdict
} from "@tokenkeep/core"
import { classify, fieldsOf, readTokenResponse, tokenApi, tokenRequest } from "../support/tokenApi.ts"
import type { WrongAdapter } from "../support/wrongAdapters.ts"

type Service = Provider["Service"]

/** Sends another token request. */
const sending = (change: (request: TokenRequest, key: string) => Partial<TokenRequest>): Service => ({
  ...tokenApi,
  requestToken: pureTokenRequest({
    tokenRequest: (key) => ({ ...tokenRequest(key), ...change(tokenRequest(key), key.reveal()) }),
    readTokenResponse
  })
})

/** Reads the response to a token request in another way. */
const reading = (read: (response: ProviderResponse, right: TokenVerdict) => TokenVerdict): Service => ({
  ...tokenApi,
  requestToken: pureTokenRequest({ tokenRequest, readTokenResponse: (it) => read(it, readTokenResponse(it)) })
})

/** Classifies a response in another way. */
const classifying = (judge: (response: ProviderResponse, right: Verdict) => Verdict): Service => ({
  ...tokenApi,
  classify: (response) => judge(response, classify(response))
})

const swapped: Readonly<Partial<Record<Verdict["_tag"], Verdict>>> = {
  TokenExpired: { _tag: "TokenInvalid" },
  TokenInvalid: { _tag: "TokenExpired" },
  TokenMissing: { _tag: "Other" },
  Forbidden: { _tag: "TokenExpired" },
  RateLimited: { _tag: "Other" }
}

let count = 0

/** Takes quadratic time. */
const countSpaces = (text: string): number => {
  let spaces = 0
  for (let from = 0; from < text.length; from += 1) {
    for (let at = from; at < text.length; at += 1) if (text.charCodeAt(at) === 0x20) spaces += 1
  }
  return spaces
}

/** Takes exponential time: each `a` may belong to either repetition. */
const careless = /^(a+)+$/

export const wrongProviders: ReadonlyArray<WrongAdapter<Service>> = [
  { mistake: "a provider without a name", adapter: { ...tokenApi, name: " " }, fails: "valid-settings" },
  {
    mistake: "a provider that allows no request",
    adapter: { ...tokenApi, rates: { perSecond: 0 } },
    fails: "valid-settings"
  },
  {
    mistake: "a provider that sends the key to another host, in the URL, in a header and in the body",
    adapter: sending((_, key) => ({
      path: `https://login.example.test/${btoa(key).replaceAll("=", "")}`,
      body: `client_secret=${encodeURIComponent(key)}`
    })),
    fails: "token-origins-only key-not-in-url key-in-one-place works-in-a-client"
  },
  {
    mistake: "a provider that sends the key to another origin than the one that it discovered",
    adapter: {
      ...sending(() => ({ path: "https://api.example.test/oauth/token" })),
      discoverTokenOrigins: async () => ["https://login.example.test"]
    },
    fails: "token-origins-only works-in-a-client"
  },
  {
    mistake: "a provider that leaves its base URL",
    adapter: sending(() => ({ path: "/../oauth/token" })),
    fails: "works-in-a-client"
  },
  {
    mistake: "a provider that sends the time and a nonce",
    adapter: sending(({ headers }) => ({
      headers: { ...headers, "x-nonce": crypto.randomUUID(), "x-sent-at": new Date().toISOString() }
    })),
    fails: "same-request-for-same-key no-clock-or-randomness"
  },
  {
    mistake: "a provider that sends a body with GET",
    adapter: sending(() => ({ method: "GET" })),
    fails: "valid-request"
  },
  {
    mistake: "a provider that reads a token wherever one is",
    adapter: reading(({ text }, right) => {
      const [, token] = /"access_token":"([^"]*)"/.exec(text) ?? []
      return token === undefined ? right : { _tag: "Issued", token, expiresAt: Date.now() }
    }),
    fails: "issued-lifetime no-token-from-other-status no-token-from-other-body server-error-is-unavailable no-state"
  },
  {
    mistake: "a provider that expects another field, and no limit",
    adapter: reading(({ status, text }, right) => {
      if (status === 200) return { _tag: "Issued", token: String(fieldsOf(text)["token"]) }
      return right._tag === "RateLimited" ? { _tag: "Invalid", detail: "limited" } : right
    }),
    fails: "issued-token token-request-429 documented-limit"
  },
  {
    mistake: "a provider that trusts every page with status 401, but not the issuer's",
    adapter: reading(({ text }, right) =>
      right._tag === "KeyRejected" ? { ...right, documented: !text.includes("invalid_client") } : right
    ),
    fails: "rejected-key login-page-is-undocumented"
  },
  {
    mistake: "a provider that confuses all verdicts",
    adapter: classifying(({ status }, right) =>
      status === 400 ? { _tag: "TokenExpired" } : (swapped[right._tag] ?? right)
    ),
    fails: `
      expired-token invalid-token missing-token 401-rejects-token 403-never-renews 429-is-rate-limit
      documented-limit other-statuses`
  },
  {
    mistake: "a provider that throws if a body is not JSON",
    adapter: reading(({ status, text }, right) => (status === 200 ? (JSON.parse(text), right) : right)),
    fails: "never-throws"
  },
  {
    mistake: "a provider that throws if there is no challenge",
    adapter: classifying(({ headers, status }, right) => {
      if (status === 401 && !headers.has("www-authenticate")) throw new TypeError("no challenge")
      return right
    }),
    fails: "never-throws"
  },
  {
    mistake: "a provider with its own verdict",
    adapter: classifying((_, right) => (right._tag === "Other" ? ({ _tag: "Fine" } as never) : right)),
    fails: "known-verdicts"
  },
  {
    mistake: "a provider that quotes the response",
    adapter: reading(({ text }, right) =>
      right._tag === "Invalid" ? { _tag: "Invalid", detail: `unexpected: ${text.slice(0, 60)}` } : right
    ),
    fails: "verdicts-quote-nothing"
  },
  {
    mistake: "a provider that counts rejections and changes headers",
    adapter: classifying(({ headers }, right) => {
      headers.delete("retry-after")
      if (right._tag === "TokenInvalid") count += 1
      return right._tag === "TokenInvalid" && count % 3 === 0 ? { _tag: "TokenExpired" } : right
    }),
    fails: "no-state response-unchanged"
  },
  {
    mistake: "a provider that reads headers in quadratic time",
    adapter: classifying(({ headers }, right) => (countSpaces(headers.get("retry-after") ?? "") < 0 ? right : right)),
    fails: "linear-time"
  },
  {
    mistake: "a provider that reads bodies in exponential time",
    adapter: reading(({ text }, right) => (careless.test(text) ? right : right)),
    fails: "linear-time"
  }
]
