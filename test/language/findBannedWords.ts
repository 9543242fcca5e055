import { bannedWords } from "./words.ts"

/** What may be between two words of a phrase, also where a comment goes on in the next line. */
const gap = String.raw`\s+(?:(?://|\*|#|>)\s*)?`

const banned = bannedWords.map(({ pattern, use }) => ({
  expression: new RegExp(String.raw`\b(?:${pattern.replaceAll(/ (?!\?)/g, gap)})\b`, "gi"),
  use
}))

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length

/** Where a text uses a banned word, as file:line, with the replacement. */
export const findBannedWords = (file: string, text: string): ReadonlyArray<string> =>
  banned
    .flatMap(({ expression, use }) =>
      [...text.matchAll(expression)].map(({ 0: word, index }) => ({ line: lineAt(text, index), word, use }))
    )
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, use, word }) => `${file}:${line} "${word.replaceAll(/\s+/g, " ")}": use ${use}`)
