import { posix } from "node:path"
import { isDeepStrictEqual } from "node:util"
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

it("no file contains a path of one machine", () => {
  expect(linesWith(machinePath)).toEqual([])
})

it("no file is marked as unfinished", () => {
  expect(linesWith(unfinished)).toEqual([])
})

it("every package ships under the repository's licence", () => {
  expect(readText("LICENSE")).toContain("MIT License")
})

it("every action of the workflows is pinned to a commit, with its version in a comment", () => {
  const uses = linesWith(
    /uses: /,
    repositoryFiles.filter((file) => file.startsWith(".github/"))
  )
  const external = uses.filter((line) => !line.includes("uses: ./"))
  expect(external.length).toBeGreaterThan(3)
  expect(external.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([])
})

it("every public manifest has the homepage, bugs and repository of the root manifest", () => {
  const { bugs, homepage, repository } = JSON.parse(readText("package.json")) as Record<string, object | string>
  const manifests = repositoryFiles.filter((file) => /^packages\/.+\/package\.json$/.test(file))
  const wrong = manifests.filter((file) => {
    const manifest = JSON.parse(readText(file)) as Record<string, unknown>
    const directory = posix.dirname(file)
    const expected = [homepage, bugs, { ...(repository as object), directory }]
    const found = [manifest["homepage"], manifest["bugs"], manifest["repository"]]
    return manifest["private"] !== true && !isDeepStrictEqual(found, expected)
  })
  expect(wrong, "run `npx -y pnpm@12 metadata`").toEqual([])
})

it("every unreleased package has a changeset, which becomes its first release note", () => {
  const changesets = repositoryFiles.filter((file) => /^\.changeset\/.+\.md$/.test(file)).map(readText)
  const names = repositoryFiles
    .filter((file) => /^packages\/.+\/package\.json$/.test(file))
    .map((file) => JSON.parse(readText(file)) as { name: string; version: string; private?: boolean })
    .filter(({ version, private: isPrivate }) => version === "0.0.0" && isPrivate !== true)
    .map(({ name }) => name)
  expect(names.filter((name) => !changesets.some((text) => text.includes(`"${name}":`)))).toEqual([])
})

it("a major change of a package that is bundled into tokenkeep is announced for tokenkeep too", () => {
  const changesets = repositoryFiles.filter((file) => /^\.changeset\/.+\.md$/.test(file))
  const adapters = [
    "storage-file",
    "storage-memory",
    "storage-redis",
    "transport-fetch",
    "transport-ky",
    "transport-undici"
  ]
  const bundled = ["core", "deeply", "oauth2", ...adapters]
  const major = new RegExp(`"@tokenkeep/(${bundled.join("|")})": major`)
  expect(changesets.filter((file) => major.test(readText(file)) && !readText(file).includes('"tokenkeep": '))).toEqual(
    []
  )
})
