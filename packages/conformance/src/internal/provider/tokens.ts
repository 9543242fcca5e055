import type { Answer } from "@tokenkeep/core"
import type { Law } from "../../Law.ts"
import type { ProviderBench } from "../../ProviderBench.ts"
import { answerOf } from "./answers.ts"
import { firstComplaint, lawOf, named, tagOf } from "./expectations.ts"

const allStatuses = Array.from({ length: 500 }, (_, index) => 100 + index)

const portal = "<!doctype html><title>Please log in to this network</title>"

const withStatus = (answer: Answer, status: number): Answer => ({ ...answer, status })

const withText = (answer: Answer, text: string): Answer => ({ ...answer, text })

/** The documented body, with anything but a text in the place of the token. */
const notTokens = ["null", "true", "17", "[]", "{}", '["tok"]', '{"token":"tok"}']

const notDocumented = (text: string, token: string): ReadonlyArray<string> => [
  "",
  " ",
  "null",
  "[]",
  "{}",
  token,
  JSON.stringify(token),
  `[${text}]`,
  `{"data":${text}}`,
  text.slice(0, -1),
  `${text}x`,
  `${text}${text}`,
  `<html>${text}</html>`,
  portal,
  ...notTokens.map((other) => text.replaceAll(JSON.stringify(token), other))
]

export const tokens: ReadonlyArray<Law<ProviderBench>> = [
  lawOf({
    id: "reads-the-documented-token",
    guarantees: ["TOK-10"],
    statement: "Finds the token in the documented answer.",
    complaint: ({ documented: { issued }, provider }) => {
      const verdict = provider.readToken(answerOf(issued, false))
      if (verdict._tag !== "Issued") return `it answered ${tagOf(verdict)}`
      return verdict.token === issued.token ? undefined : "it answered another token"
    }
  }),
  lawOf({
    id: "reads-the-documented-lifetime",
    guarantees: ["TOK-6", "TOK-9"],
    statement: "Finds how long the token lives, in milliseconds.",
    needs: ["lifetime"],
    complaint: ({ documented: { issued }, provider }) => {
      const verdict = provider.readToken(answerOf(issued, false))
      if (verdict._tag !== "Issued") return `it answered ${tagOf(verdict)}`
      const { expiresAt, lifetime } = verdict
      if (lifetime !== issued.lifetime) return `its lifetime is ${lifetime}, not ${issued.lifetime}`
      return expiresAt === issued.expiresAt ? undefined : `its expiresAt is ${expiresAt}, not ${issued.expiresAt}`
    }
  }),
  lawOf({
    id: "takes-no-other-status",
    guarantees: ["TOK-10"],
    statement: "Takes a token from no status but the documented one.",
    complaint: ({ answers: [issued], provider }) =>
      firstComplaint(
        allStatuses.filter((status) => status !== issued.status),
        (status) =>
          provider.readToken(withStatus(issued, status))._tag === "Issued"
            ? `it took a token from status ${status}`
            : undefined
      )
  }),
  lawOf({
    id: "takes-no-other-body",
    guarantees: ["TOK-10"],
    statement: "Takes a token from no body but the documented one, wherever a token stands in it.",
    needs: ["json"],
    complaint: ({ answers: [issued], documented, provider }) =>
      firstComplaint(notDocumented(issued.text, documented.issued.token), (text) => {
        const answer = withText(issued, text)
        return provider.readToken(answer)._tag === "Issued" ? `it took a token from ${named(answer)}` : undefined
      })
  }),
  lawOf({
    id: "tells-a-refused-key",
    guarantees: ["KEY-2"],
    statement: "Knows the documented refusal of a key, and that it is the issuer's own.",
    complaint: ({ documented, provider }) => {
      const verdict = provider.readToken(answerOf(documented.keyRejected, false))
      if (verdict._tag !== "KeyRejected") return `it answered ${tagOf(verdict)}`
      return verdict.documented === true ? undefined : "it did not say that this is documented"
    }
  }),
  lawOf({
    id: "believes-no-portal",
    guarantees: ["KEY-2"],
    statement: "Takes no page of a portal or a firewall for the issuer's own refusal.",
    complaint: ({ documented, provider }) =>
      firstComplaint([documented.keyRejected.status, 401, 403], (status) =>
        firstComplaint([portal, "", "Forbidden", "{", "[]", "null"], (body) => {
          const verdict = provider.readToken(answerOf({ status, body }, false))
          const isBelieved = verdict._tag === "KeyRejected" && verdict.documented === true
          return isBelieved ? `it believed ${named(answerOf({ status, body }))}` : undefined
        })
      )
  }),
  lawOf({
    id: "blames-no-key-for-an-outage",
    guarantees: ["KEY-2", "TOK-10"],
    statement: "Takes a 5xx for trouble of the issuer, whatever its body says.",
    complaint: ({ answers, provider }) =>
      firstComplaint(answers, (answer) =>
        firstComplaint([500, 502, 503, 504, 599], (status) => {
          const verdict = tagOf(provider.readToken(withStatus(answer, status)))
          return verdict === "Unavailable" || verdict === "RateLimited"
            ? undefined
            : `it answered ${verdict} to ${named(withStatus(answer, status))}`
        })
      )
  }),
  lawOf({
    id: "tells-the-issuers-limit",
    guarantees: ["KEY-2", "TOK-10"],
    statement: "Takes every 429 of the issue endpoint for a limit, whatever its body says.",
    complaint: ({ anyAnswers, provider }) =>
      firstComplaint(anyAnswers, (answer) => {
        const verdict = tagOf(provider.readToken(withStatus(answer, 429)))
        return verdict === "RateLimited" ? undefined : `it answered ${verdict} to ${named(withStatus(answer, 429))}`
      })
  })
]
