import type { ProviderResponse } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { ensure } from "../checks.ts"
import type { ProviderFixture } from "./fixture.ts"
import { headerNames } from "./randomResponses.ts"
import { readersOf } from "./readers.ts"

/** Strings whose repetition makes careless regular expressions and loops slow. */
const units = [
  '"',
  "\\",
  " ",
  "a",
  "a ",
  "a,",
  "=",
  "a=",
  'a="b", ',
  "[",
  "{}",
  '{"a":',
  "expired ",
  "Bearer ",
  "9",
  "ey."
]

/** From small to large, so that exponential time is detected before it takes too long. Core reads 64 KiB. */
const sizes = [16, 20, 22, 24, 26, 256, 1_024, 4_096, 16_384, 65_536]

/** With an end that does not match: there, a careless expression starts to search. */
const filled = (unit: string, size: number): string =>
  `${unit.repeat(Math.ceil(size / unit.length)).slice(0, size - 1)}!`

const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1_000_000)

/** The shortest duration of a few runs: a busy machine may interrupt some of them. It stops at the first short one. */
const shortestMillis = Effect.fnUntraced(function* <E>(run: Effect.Effect<unknown, E>, shortEnough: number) {
  let shortest = Infinity
  for (let sample = 0; sample < 7 && shortest >= shortEnough; sample += 1) {
    const start = yield* now
    yield* run
    shortest = Math.min(shortest, (yield* now) - start)
  }
  return shortest
})

/** Reads every character of a string of 1 MiB, 16 times the longest body. */
const scan = Effect.sync(() => {
  const text = "a".repeat(1_048_576)
  let sum = 0
  for (let index = 0; index < text.length; index += 1) sum += text.charCodeAt(index)
  return sum
})

/** How many times as long as the scan a reading may take; quadratic time exceeds this by far. */
const allowance = 32

const responsesOf = (text: string, { responses }: ProviderFixture): ReadonlyArray<ProviderResponse> => {
  const names = new Set([...headerNames, ...responses.flatMap(({ headers }) => [...headers.keys()])])
  const statuses = new Set([200, 401, 403, 429, ...responses.map(({ status }) => status)])
  return [...statuses].flatMap((status) => [
    { status, headers: new Headers(), text, sentToken: true },
    { status, headers: new Headers([...names].map((name) => [name, text])), text: "", sentToken: true }
  ])
}

/** The time is compared with a scan on the same machine at the same time, and not with a fixed limit. */
export function* isLinear(fixture: ProviderFixture) {
  // Some runtimes have clocks that tick once a millisecond.
  const limit = allowance * Math.max(yield* shortestMillis(scan, 0), 1)
  for (const { name, read } of readersOf(fixture)) {
    for (const unit of units) {
      for (const size of sizes) {
        for (const response of responsesOf(filled(unit, size), fixture)) {
          const where = response.text === "" ? "headers" : "a body"
          const millis = yield* shortestMillis(read(response), limit)
          const what = `${where} of ${size} characters of ${JSON.stringify(unit)}`
          yield* ensure(millis < limit, `${name} takes much longer than in proportion to the length of ${what}`)
        }
      }
    }
  }
}
