import type { ProviderResponse } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { type Checks, ensure } from "../checks.ts"
import { describeResponse } from "./describe.ts"
import type { ProviderFixture } from "./fixture.ts"
import { isLinear } from "./linearTime.ts"
import { type Fields, readersOf } from "./readers.ts"

/** A verdict without its token. */
const written = (verdict: unknown): string => {
  const { token: _, ...rest } = Object(verdict) as Fields
  return JSON.stringify(rest, (__, value: unknown) => (typeof value === "number" ? String(value) : value)) ?? ""
}

const canary = "canary-5e1f09d7"

/** The canary in every place of a body where a provider could read it. */
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

const copyOf = ({ headers, sentToken, status, text }: ProviderResponse): string =>
  JSON.stringify([status, [...headers], text, sentToken])

export const robustness: Checks<ProviderFixture> = {
  "never-throws": {
    behaviour: "No response makes the provider throw, however malformed it is.",
    guarantees: ["REQ-6", "TOK-10"],
    *check(fixture) {
      for (const { accepts, name, read } of readersOf(fixture)) {
        for (const [index, response] of fixture.randomResponses.entries()) {
          if (!accepts(response)) continue
          const isThrown = yield* Effect.isFailure(read(response))
          const which = `response ${index} of seed ${fixture.seed}: ${describeResponse(response)}`
          yield* ensure(!isThrown, `${name} threw for ${which}`)
        }
      }
    }
  },
  "known-verdicts": {
    behaviour: "Every verdict is one that core knows, with fields of the right types.",
    guarantees: ["TOK-9", "TOK-10"],
    *check(fixture) {
      for (const { accepts, name, read, shapes } of readersOf(fixture)) {
        for (const response of [...fixture.responses, ...fixture.randomResponses].filter(accepts)) {
          const fields = Object(yield* read(response)) as Fields
          const tag = String(fields["_tag"])
          const isKnown = Object.hasOwn(shapes, tag) && shapes[tag]?.(fields) === true
          yield* ensure(isKnown, `${name} returned ${tag}, or wrong fields, for ${describeResponse(response)}`)
        }
      }
    }
  },
  "verdicts-quote-nothing": {
    behaviour: "A verdict contains no part of the response but the token, because a response may hold secrets.",
    guarantees: ["SEC-1"],
    *check(fixture) {
      for (const { name, read } of readersOf(fixture)) {
        for (const response of fixture.responses) {
          const headers = new Headers([...response.headers].map(([header]) => [header, canary]))
          headers.set("www-authenticate", `Bearer error="${canary}"`)
          for (const status of [response.status, 200, 400, 401, 403, 429, 500]) {
            for (const text of withCanaries(response.text)) {
              const isQuoted = written(yield* read({ ...response, status, headers, text })).includes(canary)
              yield* ensure(!isQuoted, `${name} quotes a response with status ${status}`)
            }
          }
        }
      }
    }
  },
  "no-state": {
    behaviour: "The same response gets the same verdict, whatever was read before.",
    guarantees: ["TOK-10"],
    *check(fixture) {
      for (const { accepts, name, read } of readersOf(fixture)) {
        const all = [...fixture.responses, ...fixture.randomResponses].filter(accepts)
        const first = new Map<ProviderResponse, string>()
        for (const response of [...all, ...all.toReversed(), ...all, ...all]) {
          const verdict = written(yield* read(response))
          const isSame = verdict === (first.get(response) ?? verdict)
          yield* ensure(isSame, `${name} returned another verdict the next time for ${describeResponse(response)}`)
          first.set(response, verdict)
        }
      }
    }
  },
  "response-unchanged": {
    behaviour: "classify leaves the response unchanged, because others read it too.",
    guarantees: ["REQ-6"],
    *check({ provider, responses }) {
      for (const each of responses) {
        const headers = new Headers([...each.headers, ["date", "x"], ["retry-after", "7"]])
        const response = { ...each, headers }
        const before = copyOf(response)
        provider.classify(response)
        yield* ensure(copyOf(response) === before, `classify changed ${describeResponse(each)}`)
      }
    }
  },
  "linear-time": {
    behaviour: "The time to read a response grows in proportion to its length.",
    guarantees: ["REQ-6", "TOK-10"],
    check: isLinear
  }
}
