import { tokenkeepErrorCodes } from "@tokenkeep/core"
import { execFileSync } from "node:child_process"
import { existsSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { temporaryHome } from "./support/startCli.ts"

const folder = join(import.meta.dirname, "..")

/** Copies the pages as the build does. */
const copyPages = (to: string): void => {
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const [, pages = ""] = /copyDocs\.ts (.+)$/.exec(scripts.build) ?? []
  execFileSync(process.execPath, [join(folder, "../../scripts/copyDocs.ts"), ...pages.split(" ")], { cwd: to })
}

const sources = (pattern: string) =>
  globSync(pattern, { cwd: folder }).map((file) => readFileSync(join(folder, file), "utf8"))

const found = (texts: ReadonlyArray<string>, pattern: RegExp) =>
  texts.flatMap((text) => Array.from(text.matchAll(pattern), ([, match = ""]) => match))

/** The places that messages name, as `page.md` or `page.md#section`. */
const named = (): ReadonlySet<string> => {
  const places = found(sources("{src,../core/src}/**/*.ts"), /docs\/([\w-]+\.md(?:#[\w-]+(?!\$|[\w-]))?)/g)
  const sections = found(sources("src/doctor/*.ts"), /(?:failed|warning)\(\s*"(\w+)"/g)
  return new Set([
    ...places,
    ...sections.map((section) => `command-line.md#doctor-${section}`),
    ...tokenkeepErrorCodes.map((code) => `errors.md#${code}`)
  ])
}

const slugs = (page: string) =>
  found([page], /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-")
  )

const hasPlace = (docs: string, place: string): boolean => {
  const [page = "", section] = place.split("#")
  if (!existsSync(join(docs, page))) return false
  const text = readFileSync(join(docs, page), "utf8")
  return section === undefined || [...slugs(text), ...found([text], /<a id="([^"]+)"/g)].includes(section)
}

it("the package has every page and section that a message names", () => {
  using home = temporaryHome()
  copyPages(home.path)
  const places = [...named()]
  expect(places).toEqual(
    expect.arrayContaining(["testing.md#script-faults", "command-line.md#doctor-redis", "errors.md#TRANSPORT_FAILED"])
  )
  expect(places.filter((place) => !hasPlace(join(home.path, "docs"), place))).toEqual([])
})
