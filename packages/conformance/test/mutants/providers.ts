import type { Answer, IssueRequest, IssueVerdict, Provider, Verdict } from "@tokenkeep/core"
import { classify, fieldsOf, readToken, tokenApi } from "../support/tokenApi.ts"

/** A provider that is wrong on purpose, and the laws that tell. */
export interface WrongProvider {
  readonly mistake: string
  readonly provider: Provider["Service"]
  readonly caughtBy: ReadonlyArray<string>
}

type Asking = Provider["Service"]["issueRequest"]

const right = tokenApi.issueRequest

const asking = (change: (request: IssueRequest, key: string) => Partial<IssueRequest>): Provider["Service"] => ({
  ...tokenApi,
  issueRequest: (key) => {
    const request = right(key)
    return { ...request, ...change(request, key.reveal()) }
  }
})

const reading = (read: (answer: Answer, rightly: IssueVerdict) => IssueVerdict): Provider["Service"] => ({
  ...tokenApi,
  readToken: (answer) => read(answer, readToken(answer))
})

const classifying = (judge: (answer: Answer, rightly: Verdict) => Verdict): Provider["Service"] => ({
  ...tokenApi,
  classify: (answer) => judge(answer, classify(answer))
})

const expired: Verdict = { _tag: "TokenExpired" }

const withQuery: Asking = (key) => ({ ...right(key), path: `/oauth/token?client=${encodeURIComponent(key.reveal())}` })

const counter = () => {
  let count = 0
  return () => (count += 1)
}
const asked = counter()
const seen = counter()

export const wrongAtIssuing: ReadonlyArray<WrongProvider> = [
  { mistake: "has no name", provider: { ...tokenApi, name: "" }, caughtBy: ["describes-itself"] },
  { mistake: "lives nowhere", provider: { ...tokenApi, baseUrl: "api.example.test" }, caughtBy: ["describes-itself"] },
  {
    mistake: "speaks plain http",
    provider: { ...tokenApi, baseUrl: "http://api.test" },
    caughtBy: ["describes-itself"]
  },
  {
    mistake: "takes no request a second",
    provider: { ...tokenApi, rates: { perSecond: 0 } },
    caughtBy: ["describes-itself"]
  },
  { mistake: "propagates back in time", provider: { ...tokenApi, propagation: -1 }, caughtBy: ["describes-itself"] },
  {
    mistake: "counts its issue requests",
    provider: asking(() => ({ body: `grant_type=client_credentials&n=${asked()}` })),
    caughtBy: ["asks-the-same-for-the-same-key"]
  },
  {
    mistake: "forgets the key",
    provider: asking(() => ({ headers: {} })),
    caughtBy: ["asks-the-same-for-the-same-key"]
  },
  {
    mistake: "takes its token from another host",
    provider: asking(() => ({ path: "https://login.example.test/oauth/token" })),
    caughtBy: ["asks-its-own-origin", "serves-a-client"]
  },
  {
    mistake: "names another host without a scheme",
    provider: asking(() => ({ path: "//login.example.test/oauth/token" })),
    caughtBy: ["asks-its-own-origin", "serves-a-client"]
  },
  {
    mistake: "climbs out of the base URL",
    provider: asking(() => ({ path: "/../oauth/token" })),
    caughtBy: ["asks-its-own-origin", "serves-a-client"]
  },
  {
    mistake: "sends a body with GET",
    provider: asking(() => ({ method: "GET" })),
    caughtBy: ["asks-what-can-be-sent"]
  },
  {
    mistake: "has a line break in a header",
    provider: asking(({ headers }) => ({ headers: { ...headers, "x-client": "a\r\nb" } })),
    caughtBy: ["asks-what-can-be-sent"]
  },
  {
    mistake: "puts the key into the query",
    provider: { ...tokenApi, issueRequest: withQuery },
    caughtBy: ["key-is-not-in-the-url"]
  },
  {
    mistake: "puts the key into the path, in base64",
    provider: asking((_, key) => ({ path: `/oauth/token/${btoa(key).replaceAll("=", "")}` })),
    caughtBy: ["key-is-not-in-the-url"]
  },
  {
    mistake: "sends the key twice: as a basic header, and in the form",
    provider: asking(({ body }, key) => ({ body: `${body}&client_secret=${encodeURIComponent(key)}` })),
    caughtBy: ["key-is-in-one-place"]
  },
  {
    mistake: "sends the key in a header for its own logs",
    provider: asking(({ headers }, key) => ({ headers: { ...headers, "x-debug-key": key } })),
    caughtBy: ["key-is-in-one-place"]
  }
]

export const wrongAtReading: ReadonlyArray<WrongProvider> = [
  {
    mistake: "looks for the token under another name",
    provider: reading(({ status, text }, rightly) => {
      const { token } = fieldsOf(text)
      if (status !== 200) return rightly
      return typeof token === "string" ? { _tag: "Issued", token } : { _tag: "Invalid", detail: "no token" }
    }),
    caughtBy: ["reads-the-documented-token", "serves-a-client"]
  },
  {
    mistake: "takes seconds for milliseconds",
    provider: reading((_, rightly) =>
      rightly._tag === "Issued" && rightly.lifetime !== undefined
        ? { ...rightly, lifetime: rightly.lifetime / 1_000 }
        : rightly
    ),
    caughtBy: ["reads-the-documented-lifetime"]
  },
  {
    mistake: "takes a token from any answer that is fine",
    provider: reading((answer, rightly) =>
      answer.status >= 200 && answer.status < 300 ? readToken({ ...answer, status: 200 }) : rightly
    ),
    caughtBy: ["takes-no-other-status"]
  },
  {
    mistake: "takes whatever comes for the token",
    provider: reading(({ status, text }, rightly) =>
      status === 200 ? { _tag: "Issued", token: /"access_token":"([^"]*)"/.exec(text)?.[1] ?? text } : rightly
    ),
    caughtBy: ["takes-no-other-body"]
  },
  {
    mistake: "takes a number for a token",
    provider: reading(({ status, text }, rightly) => {
      const { access_token: token } = fieldsOf(text)
      return status === 200 && typeof token === "number" ? { _tag: "Issued", token: String(token) } : rightly
    }),
    caughtBy: ["takes-no-other-body"]
  },
  {
    mistake: "takes a refused key for an outage",
    provider: reading((_, rightly) => (rightly._tag === "KeyRejected" ? { _tag: "Unavailable" } : rightly)),
    caughtBy: ["tells-a-refused-key"]
  },
  {
    mistake: "never says that a refusal is documented",
    provider: reading((_, rightly) => (rightly._tag === "KeyRejected" ? { _tag: "KeyRejected" } : rightly)),
    caughtBy: ["tells-a-refused-key"]
  },
  {
    mistake: "takes a portal's page for the issuer's refusal",
    provider: reading((_, rightly) =>
      rightly._tag === "KeyRejected" ? { _tag: "KeyRejected", documented: true } : rightly
    ),
    caughtBy: ["believes-no-portal"]
  },
  {
    mistake: "blames the key for an outage that says invalid_client",
    provider: reading(({ status, text }, rightly) =>
      status >= 500 && fieldsOf(text)["error"] === "invalid_client"
        ? { _tag: "KeyRejected", documented: true }
        : rightly
    ),
    caughtBy: ["blames-no-key-for-an-outage"]
  },
  {
    mistake: "takes a limit without a reset for a broken answer",
    provider: reading((_, rightly) =>
      rightly._tag === "RateLimited" && rightly.resetAt === undefined
        ? { _tag: "Invalid", detail: "no reset" }
        : rightly
    ),
    caughtBy: ["tells-the-issuers-limit"]
  }
]

export const wrongAtJudging: ReadonlyArray<WrongProvider> = [
  {
    mistake: "calls every refused token invalid",
    provider: classifying((_, rightly) => (rightly._tag === "TokenExpired" ? { _tag: "TokenInvalid" } : rightly)),
    caughtBy: ["tells-expired"]
  },
  {
    mistake: "calls every refused token expired",
    provider: classifying((_, rightly) => (rightly._tag === "TokenInvalid" ? expired : rightly)),
    caughtBy: ["tells-invalid"]
  },
  {
    mistake: "takes a lost header for an invalid token",
    provider: classifying((_, rightly) => (rightly._tag === "TokenMissing" ? { _tag: "TokenInvalid" } : rightly)),
    caughtBy: ["tells-missing"]
  },
  {
    mistake: "makes nothing of a 401 without a challenge",
    provider: classifying(({ headers }, rightly) => (headers.has("www-authenticate") ? rightly : { _tag: "Other" })),
    caughtBy: ["blames-the-token-for-401"]
  },
  {
    mistake: "renews on a 403 that says invalid_token",
    provider: classifying(({ headers, status }, rightly) =>
      status === 403 && headers.get("www-authenticate")?.includes("invalid_token") === true ? expired : rightly
    ),
    caughtBy: ["never-renews-on-403"]
  },
  {
    mistake: "sees a limit only where the reset is told",
    provider: classifying((_, rightly) =>
      rightly._tag === "RateLimited" && rightly.resetAt === undefined ? { _tag: "Other" } : rightly
    ),
    caughtBy: ["tells-a-limit"]
  },
  {
    mistake: "takes the reset's seconds for milliseconds",
    provider: classifying((_, rightly) =>
      rightly._tag === "RateLimited" && rightly.resetAt !== undefined
        ? { ...rightly, resetAt: rightly.resetAt / 1_000 }
        : rightly
    ),
    caughtBy: ["reads-the-documented-limit"]
  },
  {
    mistake: "takes a 400 for an expired token",
    provider: classifying(({ status }, rightly) => (status === 400 ? expired : rightly)),
    caughtBy: ["lets-other-answers-be"]
  },
  {
    mistake: "reads a success for words of refusal",
    provider: classifying(({ headers, status }, rightly) =>
      status === 200 && (headers.get("www-authenticate") ?? "").includes("invalid_token") ? expired : rightly
    ),
    caughtBy: ["lets-other-answers-be"]
  }
]

/** Exponential: each `a` may belong to either repetition. */
const careless = /^(a+)+$/

const quadratic = (text: string): boolean => {
  let spaces = 0
  for (let from = 0; from < text.length; from += 1) {
    for (let at = from; at < text.length; at += 1) if (text.charCodeAt(at) === 0x20) spaces += 1
  }
  return spaces > 0
}

export const wrongManners: ReadonlyArray<WrongProvider> = [
  {
    mistake: "throws for a body that is no JSON",
    provider: reading(({ status, text }, rightly) => (status === 200 ? (JSON.parse(text), rightly) : rightly)),
    caughtBy: ["throws-for-no-answer", "takes-no-other-body"]
  },
  {
    mistake: "throws where there is no challenge",
    provider: classifying(({ headers, status }, rightly) => {
      if (status === 401 && !headers.has("www-authenticate")) throw new TypeError("no challenge")
      return rightly
    }),
    caughtBy: ["throws-for-no-answer"]
  },
  {
    mistake: "answers in words of its own",
    provider: classifying((_, rightly) => (rightly._tag === "Other" ? ({ _tag: "Fine" } as never) : rightly)),
    caughtBy: ["answers-in-known-words"]
  },
  {
    mistake: "answers nothing to what it does not know",
    provider: reading((_, rightly) => (rightly._tag === "Invalid" ? (undefined as never) : rightly)),
    caughtBy: ["answers-in-known-words"]
  },
  {
    mistake: "gives a text for a lifetime",
    provider: reading((_, rightly) =>
      rightly._tag === "Issued" ? { ...rightly, lifetime: "3600" as unknown as number } : rightly
    ),
    caughtBy: ["answers-in-known-words", "reads-the-documented-lifetime"]
  },
  {
    mistake: "gives no number for the reset of a limit",
    provider: classifying(({ headers }, rightly) =>
      rightly._tag === "RateLimited"
        ? { ...rightly, resetAt: Number(headers.get("x-ratelimit-reset")) * 1_000 }
        : rightly
    ),
    caughtBy: ["answers-in-known-words"]
  },
  {
    mistake: "quotes the body that it could not read",
    provider: reading(({ text }, rightly) =>
      rightly._tag === "Invalid" ? { _tag: "Invalid", detail: `unexpected: ${text.slice(0, 60)}` } : rightly
    ),
    caughtBy: ["quotes-no-answer"]
  },
  {
    mistake: "quotes the challenge that it got",
    provider: classifying(({ headers }, rightly) =>
      rightly._tag === "TokenInvalid" ? ({ ...rightly, error: headers.get("www-authenticate") } as Verdict) : rightly
    ),
    caughtBy: ["quotes-no-answer"]
  },
  {
    mistake: "remembers how many it refused",
    provider: classifying((_, rightly) => (rightly._tag === "TokenInvalid" && seen() % 3 === 0 ? expired : rightly)),
    caughtBy: ["remembers-nothing"]
  },
  {
    mistake: "takes headers away from the answer",
    provider: classifying(({ headers }, rightly) => {
      headers.delete("retry-after")
      return rightly
    }),
    caughtBy: ["changes-nothing"]
  },
  {
    mistake: "adds the time to what it read",
    provider: reading((_, rightly) =>
      rightly._tag === "Issued" && rightly.lifetime !== undefined
        ? { _tag: "Issued", token: rightly.token, expiresAt: Date.now() + rightly.lifetime }
        : rightly
    ),
    caughtBy: ["reads-its-argument-alone", "reads-the-documented-lifetime"]
  },
  {
    mistake: "asks with a nonce",
    provider: asking(({ headers }) => ({ headers: { ...headers, "x-nonce": crypto.randomUUID() } })),
    caughtBy: ["reads-its-argument-alone", "asks-the-same-for-the-same-key"]
  },
  {
    mistake: "asks with the time",
    provider: asking(({ headers }) => ({ headers: { ...headers, "x-sent-at": new Date().toISOString().slice(0, 4) } })),
    caughtBy: ["reads-its-argument-alone"]
  },
  {
    mistake: "looks at the body with a careless expression",
    provider: classifying(({ text }, rightly) => (careless.test(text) ? rightly : rightly)),
    caughtBy: ["takes-little-time"]
  },
  {
    mistake: "looks at a header again and again",
    provider: classifying(({ headers }, rightly) => (quadratic(headers.get("retry-after") ?? "") ? rightly : rightly)),
    caughtBy: ["takes-little-time"]
  }
]
