import { checkBaseUrl, type IssueRequest, type Rates } from "@tokenkeep/core"
import type { Law } from "../../Law.ts"
import type { ProviderBench } from "../../ProviderBench.ts"
import { type Complaint, firstComplaint, lawOf } from "./expectations.ts"

const base = ({ baseUrl, cleartext }: ProviderBench["provider"]): URL =>
  checkBaseUrl(baseUrl, { option: "provider", cleartext })

const wrongRate = (rates: Rates | undefined): Complaint =>
  firstComplaint(Object.entries(rates ?? {}), ([name, rate]) =>
    rate === undefined || rate === Infinity || (Number.isSafeInteger(rate) && rate >= 1)
      ? undefined
      : `its rates.${name} is ${String(rate)}, which is no number of requests`
  )

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch {
    return text
  }
}

const fromBase64 = (word: string): string => {
  try {
    return atob(word)
  } catch {
    return ""
  }
}

/** What stands in a text in base64, wherever in a longer word it begins. */
const inBase64 = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/[\w+/-]{8,}/g)].flatMap(([word]) => {
    const plain = word.replaceAll("-", "+").replaceAll("_", "/")
    return [0, 1, 2, 3].map((start) =>
      fromBase64(plain.slice(start, plain.length - ((plain.length - start) % 4 === 1 ? 1 : 0)))
    )
  })

/** Whether a text carries one of these: as it is, percent-encoded, or in base64. */
const carries = (text: string, secrets: ReadonlyArray<string>): boolean => {
  const spellings = [text, decoded(text)]
  const all = [...spellings, ...spellings.flatMap(inBase64)]
  return secrets.some((secret) => all.some((spelling) => spelling.includes(secret)))
}

const places = ({ body, headers }: IssueRequest): ReadonlyArray<readonly [place: string, text: string]> => [
  ...Object.entries(headers).map(([name, value]) => [`the header ${name}`, value] as const),
  ...(body === undefined ? [] : [["the body", body] as const])
]

const written = (request: IssueRequest): string =>
  JSON.stringify([request.path, request.method, [...new Headers(request.headers)], request.body])

/** Where the request goes, by the rules of core: a path below the base URL, or an absolute URL on its origin. */
const leaves = ({ provider }: ProviderBench, { path }: IssueRequest): Complaint => {
  const home = base(provider)
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(path)
  if (!isAbsolute && /^[/\\]{2}/.test(path)) return "its path begins with two slashes, which names another host"
  const relative = isAbsolute ? path : `./${path.replace(/^[/\\]/, "")}`
  if (!URL.canParse(relative, home)) return "its path leads to no URL"
  const url = new URL(relative, home)
  if (url.origin !== home.origin) return `it goes to ${url.origin}, not to ${home.origin}`
  return isAbsolute || url.pathname.startsWith(home.pathname) ? undefined : "its path climbs out of the base URL"
}

export const issuing: ReadonlyArray<Law<ProviderBench>> = [
  lawOf({
    id: "describes-itself",
    guarantees: ["REQ-4", "TOK-11"],
    statement: "Has a name, a base URL that may be used, and a propagation and rates that can be.",
    complaint: ({ provider }) => {
      const { name, propagation = 0, rates } = provider
      if (typeof name !== "string" || name.trim() === "") return "its name is empty"
      if (!Number.isFinite(propagation) || propagation < 0) return `its propagation is ${propagation}`
      base(provider)
      return wrongRate(rates)
    }
  }),
  lawOf({
    id: "asks-the-same-for-the-same-key",
    guarantees: ["KEY-1"],
    statement: "Makes the same issue request for the same key, and another one for another key.",
    complaint: ({ key, otherKey, provider }) => {
      const [first, second, other] = [key, key, otherKey].map((each) => written(provider.issueRequest(each)))
      if (first !== second) return "two requests for one key differ"
      return first === other ? "the requests for two keys are the same" : undefined
    }
  }),
  lawOf({
    id: "asks-its-own-origin",
    guarantees: ["KEY-1", "REQ-3"],
    statement: "Sends the key to its own origin, below its base URL.",
    complaint: (bench) => leaves(bench, bench.provider.issueRequest(bench.key))
  }),
  lawOf({
    id: "asks-what-can-be-sent",
    guarantees: ["TOK-10"],
    statement: "Makes a request that fetch takes: its method, its headers, and no body where there may be none.",
    complaint: ({ key, provider }) => {
      const { body, headers, method } = provider.issueRequest(key)
      // Throws what fetch would.
      const request = new Request(base(provider), { method, headers, ...(body === undefined ? undefined : { body }) })
      return firstComplaint(Object.keys(headers), (name) =>
        request.headers.has(name) ? undefined : `fetch does not send the header ${name}`
      )
    }
  }),
  lawOf({
    id: "key-is-not-in-the-url",
    guarantees: ["KEY-1", "SEC-1"],
    statement: "Keeps the key out of the URL and the method, which logs and proxies see.",
    complaint: ({ key, provider, secrets }) => {
      const { method, path } = provider.issueRequest(key)
      return carries(path, secrets) || carries(method, secrets) ? "the URL carries the key" : undefined
    }
  }),
  lawOf({
    id: "key-is-in-one-place",
    guarantees: ["KEY-1", "SEC-1"],
    statement: "Puts each secret of the key into one header or into the body, and nowhere else.",
    complaint: ({ key, provider, secrets }) => {
      const all = places(provider.issueRequest(key))
      return firstComplaint(secrets, (secret) => {
        const found = all.filter(([, text]) => carries(text, [secret])).map(([place]) => place)
        return found.length > 1 ? `it stands in ${found.join(" and in ")}` : undefined
      })
    }
  })
]
