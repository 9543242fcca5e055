import { expect, it } from "vitest"
import { findBannedWords } from "./language/findBannedWords.ts"
import { readText, repositoryFiles } from "./repositoryFiles.ts"

const isProse = (file: string): boolean =>
  /\.([cm]?[jt]s|md|ya?ml|json)$|^\.ci\//.test(file) &&
  // plain-names.md lists the old names, for users who rename.
  !/(^|\/)(pnpm-lock\.yaml|CHANGELOG\.md|plain-names\.md)$|^etc\/|^test\/language/.test(file)

/** Of JSON, only descriptions are prose. Other lines become empty, so that line numbers stay. */
const proseOf = (file: string): string =>
  file.endsWith(".json") ? readText(file).replaceAll(/^(?!\s*"description":).*$/gm, "") : readText(file)

it("every file uses the words that test/language/words.ts allows", () => {
  const files = repositoryFiles.filter(isProse)
  expect(files.length).toBeGreaterThan(100)
  expect(files.flatMap((file) => findBannedWords(file, proseOf(file)))).toEqual([])
})

it("finds a word in either case, and a phrase that a comment continues in its next line", () => {
  expect(findBannedWords("a.ts", "// Whoever waits gets a token. Where one is\n// had, it is kept.")).toEqual([
    'a.ts:1 "Whoever": use the subject, such as the caller or the process',
    'a.ts:1 "is // had": use is fetched, is renewed, is available'
  ])
})

it("does not find a part of a word", () => {
  expect(findBannedWords("a.ts", "the manner, a kind of doorstep, an issue callback")).toEqual([])
})
