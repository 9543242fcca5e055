import type { Answer } from "@tokenkeep/core"
import type { DocumentedAnswer } from "../../ProviderSubject.ts"
import { type Dice, diceOf } from "./dice.ts"

/** An answer as core hands it to a provider. */
export const answerOf = ({ body, headers, status }: DocumentedAnswer, sentToken = true): Answer => ({
  status,
  headers: new Headers(headers),
  text: typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body),
  sentToken
})

/** Headers that providers look at. */
const names = ["www-authenticate", "retry-after", "date", "content-type", "ratelimit", "x-ratelimit-reset"]

const fragments = [
  "Bearer ",
  "Basic ",
  'error="invalid_token"',
  "error=",
  'realm="',
  ", ",
  "=",
  '"',
  "\\",
  "application/json",
  "-1",
  "1e400",
  "99999999999999999999",
  "Thu, 01 Jan 1970 00:00:00 GMT",
  "NaN",
  "\t",
  "%00",
  "\u00e9"
] as const

const scalars = [
  "null",
  "true",
  "-1",
  "0",
  "1e400",
  "1e-400",
  '""',
  "[]",
  "{}",
  '"null"',
  "99999999999999999999"
] as const

const garbage = [
  "",
  " ",
  "null",
  "undefined",
  "<!doctype html><title>Please log in</title>",
  "{",
  '{"',
  "[[[[",
  '{"__proto__": {"access_token": "x"}}',
  '{"constructor": null, "toString": 1}',
  "\ufeff{}",
  "\ud800",
  "\u0000",
  "9".repeat(400),
  "[".repeat(5_000),
  `${"[".repeat(2_000)}${"]".repeat(2_000)}`,
  `${'{"detail":'.repeat(2_000)}1${"}".repeat(2_000)}`
] as const

const joined = (dice: Dice, parts: readonly [string, ...ReadonlyArray<string>], max: number): string =>
  Array.from({ length: dice.below(max) }, () => dice.pick(parts)).join("")

/** Puts something else in the place of one word of a JSON text: a name, a text or a number. */
const changedJson = (dice: Dice, text: string): string => {
  const words = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null/g)]
  const word = words[dice.below(words.length)]
  if (word === undefined) return text
  const { 0: old, index } = word
  const isName = text
    .slice(index + old.length)
    .trimStart()
    .startsWith(":")
  const other = isName ? '"other"' : dice.pick(scalars)
  return text.slice(0, index) + other + text.slice(index + old.length)
}

const damages: readonly [(dice: Dice, text: string) => string, ...ReadonlyArray<(dice: Dice, text: string) => string>] =
  [
    (_, text) => text,
    changedJson,
    (dice, text) => changedJson(dice, changedJson(dice, text)),
    (dice, text) => text.slice(0, dice.below(text.length + 1)),
    (dice, text) => text.slice(dice.below(text.length + 1)),
    (_, text) => `[${text}]`,
    (_, text) => `{"data":${text}}`,
    (_, text) => text + text,
    (_, text) => `<html>${text}</html>`,
    (dice, text) => {
      const at = dice.below(text.length + 1)
      return text.slice(0, at) + String.fromCharCode(dice.below(0x10000)) + text.slice(at)
    }
  ]

/** A documented answer, more or less damaged. */
const damagedAnswer = (dice: Dice, known: Answer): Answer => {
  const headers = new Headers(known.headers)
  if (dice.below(4) === 0)
    headers.set(dice.pick(["www-authenticate", ...known.headers.keys()]), joined(dice, fragments, 6))
  return { ...known, headers, text: dice.pick(damages)(dice, known.text) }
}

/** Nothing that anybody documents. */
const strangeAnswer = (dice: Dice, known: Answer): Answer => {
  const headers = new Headers()
  for (const name of [...names, ...known.headers.keys()]) {
    if (dice.below(3) === 0) headers.set(name, joined(dice, fragments, 6))
  }
  const statuses = [known.status, 200, 401, 403, 429, 100 + dice.below(500), dice.pick([0, 99, 600, 999])] as const
  return { status: dice.pick(statuses), headers, text: joined(dice, garbage, 3), sentToken: dice.below(2) === 0 }
}

/** So many random answers, the same for the same seed. */
export const randomAnswers = (
  documented: readonly [Answer, ...ReadonlyArray<Answer>],
  { cases, seed }: { readonly cases: number; readonly seed: number }
): ReadonlyArray<Answer> => {
  const dice = diceOf(seed)
  return Array.from({ length: cases }, () => dice.pick([damagedAnswer, strangeAnswer])(dice, dice.pick(documented)))
}
