import type { Answer } from "@tokenkeep/core"
import type { Law } from "../../Law.ts"
import { ambientUses } from "./ambient.ts"
import type { ProviderBench } from "../../ProviderBench.ts"
import { type Complaint, firstComplaint, lawOf, named } from "./expectations.ts"
import { slowness } from "./slowness.ts"

type Fields = Readonly<Record<string, unknown>>

const isNumber = (value: unknown): boolean => value === undefined || typeof value === "number"
const isFinite = (value: unknown): boolean => value === undefined || Number.isFinite(value)

const isLimit = ({ limit, remaining, resetAt }: Fields): boolean => [limit, remaining, resetAt].every(isFinite)

const plain = () => true

/** What `readToken` may answer, by the tag, and what goes with it. */
const issueVerdicts: Readonly<Record<string, (fields: Fields) => boolean>> = {
  Issued: ({ expiresAt, lifetime, token }) => typeof token === "string" && isNumber(lifetime) && isNumber(expiresAt),
  KeyRejected: ({ documented }) => documented === undefined || typeof documented === "boolean",
  RateLimited: isLimit,
  Unavailable: plain,
  Invalid: ({ detail }) => typeof detail === "string" && detail.trim() !== "" && detail.length <= 200
}

/** The same for `classify`. */
const verdicts: Readonly<Record<string, (fields: Fields) => boolean>> = {
  TokenExpired: plain,
  TokenInvalid: plain,
  TokenMissing: plain,
  Forbidden: plain,
  RateLimited: isLimit,
  Other: plain
}

const worded = (verdict: unknown, known: typeof verdicts, of: string): Complaint => {
  const fields = Object(verdict) as Fields
  const tag = String(fields["_tag"])
  if (!Object.hasOwn(known, tag)) return `${of} answered ${tag}`
  return known[tag]?.(fields) === true ? undefined : `${of} answered ${tag} with fields of another kind`
}

const written = (verdict: unknown): string => {
  const { token: _, ...rest } = Object(verdict) as Fields
  return JSON.stringify(rest, (__, value: unknown) => (typeof value === "number" ? String(value) : value)) ?? "nothing"
}

const both = ({ provider }: ProviderBench) =>
  [
    ["readToken", (answer: Answer): unknown => provider.readToken(answer)],
    ["classify", (answer: Answer): unknown => provider.classify(answer)]
  ] as const

const canary = "canary-5e1f09d7"

/** Every text of a document, and every name, with the canary in its place. */
const withCanaries = (text: string): ReadonlyArray<string> => [
  canary,
  JSON.stringify(canary),
  JSON.stringify([canary]),
  JSON.stringify({ [canary]: canary }),
  `<html>${canary}</html>`,
  text.replaceAll(/"(?:[^"\\]|\\.)*"(?!\s*:)/g, JSON.stringify(canary)),
  text.replaceAll(/"(?:[^"\\]|\\.)*"/g, JSON.stringify(canary)),
  `${text}${canary}`
]

const copied = (answer: Answer): string =>
  JSON.stringify([answer.status, [...answer.headers], answer.text, answer.sentToken])

export const manners: ReadonlyArray<Law<ProviderBench>> = [
  lawOf({
    id: "throws-for-no-answer",
    guarantees: ["REQ-6", "TOK-10"],
    statement: "Throws for no answer, however broken.",
    complaint: (bench) =>
      firstComplaint(both(bench), ([name, read]) =>
        firstComplaint(bench.anyAnswers, (answer, index) => {
          try {
            read(answer)
          } catch {
            return `${name} threw for answer ${index} of seed ${bench.seed}: ${named(answer)}`
          }
        })
      )
  }),
  lawOf({
    id: "answers-in-known-words",
    guarantees: ["TOK-9", "TOK-10"],
    statement: "Answers what core knows, with the fields that go with it, to any answer.",
    complaint: ({ anyAnswers, answers, provider }) =>
      firstComplaint([...answers, ...anyAnswers], (answer) => {
        const complaint =
          worded(provider.readToken(answer), issueVerdicts, "readToken") ??
          worded(provider.classify(answer), verdicts, "classify")
        return complaint === undefined ? undefined : `${complaint} for ${named(answer)}`
      })
  }),
  lawOf({
    id: "quotes-no-answer",
    guarantees: ["SEC-1"],
    statement: "Repeats nothing of an answer beside the token: it may hold secrets.",
    complaint: (bench) =>
      firstComplaint(both(bench), ([name, read]) =>
        firstComplaint(bench.answers, (answer) =>
          firstComplaint([answer.status, 200, 400, 401, 403, 429, 500], (status) =>
            firstComplaint(withCanaries(answer.text), (text) => {
              const headers = new Headers([...answer.headers].map(([header]) => [header, canary]))
              headers.set("www-authenticate", `Bearer error="${canary}"`)
              const asked = { ...answer, status, headers, text }
              return written(read(asked)).includes(canary) ? `${name} repeats a part of ${named(asked)}` : undefined
            })
          )
        )
      )
  }),
  lawOf({
    id: "remembers-nothing",
    guarantees: ["TOK-10"],
    statement: "Answers the same to the same, whatever came in between.",
    complaint: (bench) =>
      firstComplaint(both(bench), ([name, read]) => {
        const all = [...bench.answers, ...bench.anyAnswers]
        const first = new Map(all.map((answer) => [answer, written(read(answer))]))
        return firstComplaint([...all.toReversed(), ...all, ...all], (answer) =>
          written(read(answer)) === first.get(answer)
            ? undefined
            : `${name} answered something else the next time to ${named(answer)}`
        )
      })
  }),
  lawOf({
    id: "changes-nothing",
    guarantees: ["REQ-6"],
    statement: "Leaves the answer as it is: somebody else reads it too.",
    complaint: (bench) =>
      firstComplaint(both(bench), ([name, read]) =>
        firstComplaint(bench.answers, (answer) => {
          const asked: Answer = {
            ...answer,
            headers: new Headers([...answer.headers, ["date", "x"], ["retry-after", "7"]])
          }
          const before = copied(asked)
          read(asked)
          return copied(asked) === before ? undefined : `${name} changed ${named(answer)}`
        })
      )
  }),
  lawOf({
    id: "reads-its-argument-alone",
    guarantees: ["TOK-9", "TOK-10"],
    statement: "Looks at its argument alone: at no clock, no dice and no network.",
    complaint: ({ anyAnswers, answers, key, provider }) => {
      const used = ambientUses(() => {
        provider.issueRequest(key)
        for (const answer of [...answers, ...anyAnswers.slice(0, 50)]) {
          provider.readToken(answer)
          provider.classify(answer)
        }
      })
      return used.length === 0 ? undefined : `it used ${used.join(", ")}`
    }
  }),
  lawOf({
    id: "takes-little-time",
    guarantees: ["REQ-6", "TOK-10"],
    statement: "Takes time in proportion to the answer, and less than 50 ms for a header of 1 MB.",
    complaint: (bench) => firstComplaint(both(bench), ([name, read]) => slowness(bench, name, read))
  })
]
