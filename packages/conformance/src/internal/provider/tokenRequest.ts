import { checkBaseUrl } from "@tokenkeep/core"
import { type Checks, ensure } from "../checks.ts"
import type { ProviderFixture, SentRequest } from "./fixture.ts"
import { isPure } from "./purity.ts"

const originsOf = ({ allowInsecureHttp }: ProviderFixture["provider"], urls: ReadonlyArray<string>) =>
  urls.map((url) => checkBaseUrl(url, { option: "provider", allowInsecureHttp }))

const attemptOf = (decode: (text: string) => string, text: string): string => {
  try {
    return decode(text)
  } catch {
    return ""
  }
}

/** What the words of a string contain in base64, at each of the four offsets where it may begin. */
const inBase64 = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/[\w+/-]{8,}/g)].flatMap(([word]) => {
    const plain = word.replaceAll("-", "+").replaceAll("_", "/")
    return [0, 1, 2, 3].map((start) => {
      const excess = (plain.length - start) % 4 === 1 ? 1 : 0
      return attemptOf(atob, plain.slice(start, plain.length - excess))
    })
  })

/** Whether a string contains a secret: as it is, percent-encoded, or in base64. */
const contains = (text: string, secret: string): boolean => {
  const plain = [text, attemptOf(decodeURIComponent, text.replaceAll("+", " "))]
  return [...plain, ...plain.flatMap(inBase64)].some((spelling) => spelling.includes(secret))
}

const placesOf = ({ body = "", headers }: SentRequest): ReadonlyArray<readonly [place: string, text: string]> => [
  ...[...headers].map(([name, value]) => [`the header ${name}`, value] as const),
  ["the body", body]
]

const written = (requests: ReadonlyArray<SentRequest>): string =>
  JSON.stringify(requests.map(({ body, headers, method, url }) => [url, method, [...headers], body]))

export const tokenRequest: Checks<ProviderFixture> = {
  "valid-settings": {
    behaviour: "The name, the base URL, the token origins, the propagation and the rates are valid.",
    guarantees: ["REQ-4", "TOK-11"],
    *check({ provider }) {
      const { allowInsecureHttp, baseUrl, name, propagation = 0, rates = {}, tokenOrigins = [] } = provider
      yield* ensure(typeof name === "string" && name.trim() !== "", "the name is empty")
      yield* ensure(Number.isFinite(propagation) && propagation >= 0, `the propagation is ${propagation}`)
      checkBaseUrl(baseUrl, { option: "provider", allowInsecureHttp })
      originsOf(provider, tokenOrigins)
      for (const [unit, rate] of Object.entries(rates)) {
        const isCount = rate === undefined || rate === Infinity || (Number.isSafeInteger(rate) && rate >= 1)
        yield* ensure(isCount, `rates.${unit} is ${String(rate)}, which is not a number of requests`)
      }
    }
  },
  "same-request-for-same-key": {
    behaviour: "The token request is the same for the same key, and another one for another key.",
    guarantees: ["KEY-1"],
    requires: ["deterministic"],
    *check({ key, otherKey, sentRequests }) {
      const first = written(yield* sentRequests(key))
      yield* ensure(first === written(yield* sentRequests(key)), "two token requests with the same key differ")
      yield* ensure(first !== written(yield* sentRequests(otherKey)), "the token requests with two keys are the same")
    }
  },
  "no-clock-or-randomness": {
    behaviour: "The provider uses no clock, no random numbers, no timers and no network but the given fetch.",
    guarantees: ["TOK-9", "TOK-10"],
    requires: ["deterministic"],
    check: isPure
  },
  "token-origins-only": {
    behaviour: "The token request goes to one of the provider's token origins, or to one that it discovered there.",
    guarantees: ["KEY-1", "REQ-3"],
    *check({ key, provider, sentRequests }) {
      for (const { origins: urls, url } of yield* sentRequests(key)) {
        const origins = originsOf(provider, urls)
        const target = URL.parse(url, origins[0])
        const isAllowed = origins.some(({ origin }) => origin === target?.origin)
        yield* ensure(isAllowed, `the token request goes to ${target?.origin ?? "a malformed URL"}`)
      }
    }
  },
  "valid-request": {
    behaviour: "The platform's fetch accepts the method, the headers and the body of the token request.",
    guarantees: ["TOK-10"],
    *check({ key, provider, sentRequests }) {
      for (const { body, headers, method } of yield* sentRequests(key)) {
        // Throws what fetch rejects with.
        const request = new Request(provider.baseUrl, {
          method,
          headers,
          ...(body === undefined ? undefined : { body })
        })
        for (const name of headers.keys()) yield* ensure(request.headers.has(name), `fetch does not send ${name}`)
      }
    }
  },
  "key-not-in-url": {
    behaviour: "The key is not in the URL or the method, which logs and proxies record.",
    guarantees: ["KEY-1", "SEC-1"],
    *check({ key, secrets, sentRequests }) {
      for (const { method, url } of yield* sentRequests(key)) {
        const isExposed = secrets.some((secret) => contains(url, secret) || contains(method, secret))
        yield* ensure(!isExposed, "the URL or the method contains the key")
      }
    }
  },
  "key-in-one-place": {
    behaviour: "Each secret of the key is in one header or in the body, and nowhere else.",
    guarantees: ["KEY-1", "SEC-1"],
    *check({ key, secrets, sentRequests }) {
      for (const request of yield* sentRequests(key)) {
        for (const secret of secrets) {
          const places = placesOf(request).flatMap(([place, text]) => (contains(text, secret) ? [place] : []))
          yield* ensure(places.length <= 1, `the key is in ${places.join(" and in ")}`)
        }
      }
    }
  }
}
