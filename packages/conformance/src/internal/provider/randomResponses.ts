import type { ProviderResponse } from "@tokenkeep/core"

/** Random numbers that are the same for the same seed in every runtime (mulberry32). */
interface Random {
  /** From 0 to `count - 1`. */
  readonly below: (count: number) => number
  readonly pick: <A>(from: ReadonlyArray<A>) => A
}

const randomOf = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return { below, pick: <A>(from: ReadonlyArray<A>) => from[below(from.length)] as A }
}

/** Headers that providers read. */
export const headerNames = ["www-authenticate", "retry-after", "date", "content-type", "ratelimit", "x-ratelimit-reset"]

const fragments = [
  'Bearer |Basic |error="invalid_token"|error=|realm="|, |="|\\|application/json|-1|1e400|NaN|\t|%00|\u00e9',
  "99999999999999999999|Thu, 01 Jan 1970 00:00:00 GMT"
].flatMap((line) => line.split("|"))

const scalars = 'null true -1 0 1e400 1e-400 "" [] {} "null" 99999999999999999999'.split(" ")

const bodies = [
  '| |null|undefined|<!doctype html><title>Please log in</title>|{|{"|[[[[|\ufeff{}|\ud800|\u0000',
  '{"__proto__": {"access_token": "x"}}|{"constructor": null, "toString": 1}',
  `${"9".repeat(400)}|${"[".repeat(5_000)}|${"[".repeat(2_000)}${"]".repeat(2_000)}`,
  `${'{"detail":'.repeat(2_000)}1${"}".repeat(2_000)}`
].flatMap((line) => line.split("|"))

const joined = (random: Random, parts: ReadonlyArray<string>, max: number): string =>
  Array.from({ length: random.below(max) }, () => random.pick(parts)).join("")

/** Replaces one name, string or number in a JSON text. */
const changedJson = (random: Random, text: string): string => {
  const words = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null/g)]
  const word = words[random.below(words.length)]
  if (word === undefined) return text
  const [before, after] = [text.slice(0, word.index), text.slice(word.index + word[0].length)]
  return before + (after.trimStart().startsWith(":") ? '"other"' : random.pick(scalars)) + after
}

const damages: ReadonlyArray<(random: Random, text: string) => string> = [
  (_, text) => text,
  changedJson,
  (random, text) => changedJson(random, changedJson(random, text)),
  (random, text) => text.slice(0, random.below(text.length + 1)),
  (random, text) => text.slice(random.below(text.length + 1)),
  (_, text) => `[${text}]`,
  (_, text) => `{"data":${text}}`,
  (_, text) => text + text,
  (_, text) => `<html>${text}</html>`,
  (random, text) => {
    const at = random.below(text.length + 1)
    return text.slice(0, at) + String.fromCharCode(random.below(0x10000)) + text.slice(at)
  }
]

/** A documented response with some damage. */
const damaged = (random: Random, known: ProviderResponse): ProviderResponse => {
  const headers = new Headers(known.headers)
  const name = random.pick(["www-authenticate", ...known.headers.keys()])
  if (random.below(4) === 0) headers.set(name, joined(random, fragments, 6))
  return { ...known, headers, text: random.pick(damages)(random, known.text) }
}

/** A response that no API documents. */
const unusual = (random: Random, known: ProviderResponse): ProviderResponse => {
  const headers = new Headers()
  for (const name of [...headerNames, ...known.headers.keys()]) {
    if (random.below(3) === 0) headers.set(name, joined(random, fragments, 6))
  }
  const statuses: ReadonlyArray<number> = [known.status, 200, 401, 403, 429, random.below(600), 999]
  return {
    status: random.pick(statuses),
    headers,
    text: joined(random, bodies, 3),
    sentToken: random.below(2) === 0
  }
}

export const randomResponses = (
  documented: ReadonlyArray<ProviderResponse>,
  { cases, seed }: { readonly cases: number; readonly seed: number }
): ReadonlyArray<ProviderResponse> => {
  const random = randomOf(seed)
  return Array.from({ length: cases }, () => random.pick([damaged, unusual])(random, random.pick(documented)))
}
