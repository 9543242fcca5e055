import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { pages } from "../src/pages.ts"
import { site } from "../src/paths.ts"
import { pagesSidebar } from "../src/sidebar.ts"
import { builtPages, builtStyles, isExternal, isValid } from "./support/BuiltSite.ts"

const htmlOf = (page: string): string => page.replace(/\.md$/, ".html")

interface Item {
  readonly link?: string
  readonly items?: ReadonlyArray<Item>
}

const linksOf = ({ link, items = [] }: Item): ReadonlyArray<string> => [
  ...(link === undefined ? [] : [link]),
  ...items.flatMap(linksOf)
]

describe("the built site", () => {
  it("has every page of the repository, and the API reference", () => {
    const paths = builtPages.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(pages.map(({ page }) => htmlOf(page))))
    expect(paths).toEqual(expect.arrayContaining(["api/index.html", "api/core/classes/TokenManager.html"]))
  })

  it("has no dead links", () => {
    const dead = builtPages.flatMap((page) =>
      page.links.filter((url) => !isExternal(url) && !isValid(page, url)).map((url) => `${page.path}: ${url}`)
    )
    expect(dead).toEqual([])
    expect(builtPages.flatMap(({ links }) => links).length).toBeGreaterThan(1_000)
  })

  it("loads nothing from other hosts", () => {
    const loaded = builtPages.flatMap(({ sources }) => sources).filter((url) => !url.startsWith("data:"))
    expect(loaded.length).toBeGreaterThan(100)
    expect(loaded.filter(isExternal)).toEqual([])
    const fetched = builtStyles.flatMap((css) => [...css.matchAll(/(?:url\(|@import\s*)["']?([^"')]+)/g)])
    expect(fetched.map(([, url]) => url ?? "").filter((url) => isExternal(url) && !url.startsWith("data:"))).toEqual([])
  })

  it("lists every page in the sidebar", () => {
    const listed = new Set(pagesSidebar().flatMap(linksOf))
    const missing = pages.filter(
      ({ page }) => !listed.has(`/${page}`) && !listed.has(`/${page.replace(/(index)?\.md$/, "")}`)
    )
    expect(missing.map(({ file }) => `${file} is not linked in docs/README.md`)).toEqual([])
  })

  it("shows the operations of a service in the API reference, and no base class of effect", () => {
    const page = readFileSync(join(site, "pages/api/core/classes/TokenManager.md"), "utf8")
    expect(page).toMatch(/### get\n[\s\S]*### peek\n[\s\S]*### layer\(\)/)
    expect(page).not.toMatch(/Inherited from|Extends|Context\.Service/)
  })
})
