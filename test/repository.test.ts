import { expect, it } from "vitest"
import { readText, repositoryFiles } from "./repositoryFiles.ts"

// Each pattern spells a letter as a class, so that this file does not match it.
const unfinished = /\b(TOD[O]|FIXM[E]|XX[X]|WI[P])\b/
const machinePath = /(^|[\s"'`(=:])\/(hom[e]|wor[k]|roo[t]|User[s])\/\w/

const isText = (file: string): boolean => !/\.(png|ico|gif|jpg|woff2?)$/.test(file)

const linesWith = (pattern: RegExp, files: ReadonlyArray<string> = repositoryFiles): ReadonlyArray<string> =>
  files.filter(isText).flatMap((file) =>
    readText(file)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : []))
  )

it("the lockfile and .npmrc name no registry", () => {
  const files = repositoryFiles.filter((file) => /(^|\/)(pnpm-lock\.yaml|\.npmrc)$/.test(file))
  expect(files).toContain("pnpm-lock.yaml")
  expect(linesWith(/https?:\/\/|registry|_auth/i, files)).toEqual([])
})

it("no file holds a path of somebody's machine", () => {
  expect(linesWith(machinePath)).toEqual([])
})

it("no file is marked as unfinished", () => {
  expect(linesWith(unfinished)).toEqual([])
})

it("every package ships under the repository's licence", () => {
  expect(readText("LICENSE")).toContain("MIT License")
})
