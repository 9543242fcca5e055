import type { Answer, Verdict } from "@tokenkeep/core"
import type { Law } from "../../Law.ts"
import type { ProviderBench } from "../../ProviderBench.ts"
import { answerOf } from "./answers.ts"
import { type Complaint, firstComplaint, lawOf, named, tagOf } from "./expectations.ts"

const told = (
  name: "expired" | "invalid" | "missing",
  statement: string,
  expected: Verdict["_tag"]
): Law<ProviderBench> =>
  lawOf({
    id: `tells-${name}`,
    guarantees: ["REQ-1", "TOK-6"],
    statement,
    needs: [name],
    complaint: ({ documented, provider }) => {
      const answer = documented[name]
      const verdict = answer === undefined ? expected : tagOf(provider.classify(answerOf(answer)))
      return verdict === expected ? undefined : `it answered ${verdict}`
    }
  })

/** For every documented answer with each of these statuses, and for any answer with one of them. */
const judged =
  (statuses: ReadonlyArray<number>, isRight: (tag: string) => boolean) =>
  ({ anyAnswers, answers, provider }: ProviderBench): Complaint => {
    const complaint = (answer: Answer, status: number): Complaint => {
      const asked: Answer = { ...answer, status }
      const tag = tagOf(provider.classify(asked))
      return isRight(tag) ? undefined : `it answered ${tag} to ${named(asked)}`
    }
    return (
      firstComplaint(answers, (answer) => firstComplaint(statuses, (status) => complaint(answer, status))) ??
      firstComplaint(anyAnswers, (answer, index) =>
        complaint(answer, statuses[index % statuses.length] ?? answer.status)
      )
    )
  }

const refusals = new Set([401, 403, 429])

const others = [...Array.from({ length: 500 }, (_, index) => 100 + index), 0, 999].filter(
  (status) => !refusals.has(status)
)

export const verdicts: ReadonlyArray<Law<ProviderBench>> = [
  told("expired", "Knows the documented answer to an expired token.", "TokenExpired"),
  told("invalid", "Knows the documented answer to a token that is not known.", "TokenInvalid"),
  told("missing", "Knows the documented answer to a request that carried no token.", "TokenMissing"),
  lawOf({
    id: "blames-the-token-for-401",
    guarantees: ["REQ-1"],
    statement: "Takes every 401 for a refusal of the token, whatever its headers and its body say.",
    complaint: judged([401], (tag) => tag === "TokenExpired" || tag === "TokenInvalid" || tag === "TokenMissing")
  }),
  lawOf({
    id: "never-renews-on-403",
    guarantees: ["REQ-1"],
    statement: "Takes no 403 for an expired or invalid token, whatever its headers and its body say.",
    complaint: judged([403], (tag) => tag !== "TokenExpired" && tag !== "TokenInvalid")
  }),
  lawOf({
    id: "tells-a-limit",
    guarantees: ["REQ-7"],
    statement: "Takes every 429 for a limit, whatever its headers and its body say.",
    complaint: judged([429], (tag) => tag === "RateLimited")
  }),
  lawOf({
    id: "reads-the-documented-limit",
    guarantees: ["REQ-7"],
    statement: "Finds what the documented 429 tells, its reset in epoch milliseconds.",
    needs: ["limited"],
    complaint: ({ documented: { limited }, provider }) => {
      if (limited === undefined) return undefined
      return firstComplaint([provider.classify, provider.readToken], (read) => {
        const verdict = read(answerOf(limited))
        if (verdict._tag !== "RateLimited") return `it answered ${tagOf(verdict)}`
        return firstComplaint(["resetAt", "limit", "remaining"] as const, (name) =>
          verdict[name] === limited[name] ? undefined : `its ${name} is ${verdict[name]}, not ${limited[name]}`
        )
      })
    }
  }),
  lawOf({
    id: "lets-other-answers-be",
    guarantees: ["REQ-6"],
    statement: "Sees nothing about authorization in any other status, whatever its headers and its body say.",
    complaint: judged(others, (tag) => tag === "Other")
  })
]
