import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../../scripts/root.ts"
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

  it("offers the alert rules and the dashboard for download", () => {
    const links = builtPages.flatMap((page) => page.links)
    expect(links).toEqual(expect.arrayContaining(["/monitoring/alerts.yml", "/monitoring/dashboard.json"]))
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
      ({ page }) =>
        page !== "index.md" && !listed.has(`/${page}`) && !listed.has(`/${page.replace(/(index)?\.md$/, "")}`)
    )
    expect(missing.map(({ file }) => `${file} is not linked in docs/README.md`)).toEqual([])
  })

  it("lists the options of a function where the function is", () => {
    const optionsOn = (page: string, title: string): string =>
      readFileSync(join(site, "pages/api", page), "utf8")
        .split(`**${title}**`)[1]
        ?.split("\n\n")[1] ?? ""
    expect(optionsOn("tokenkeep/functions/createDeeply.md", "`options`")).toMatch(
      /\| `apiKey\?` .*\n(.*\n)*\| `host\?` /
    )
    expect(optionsOn("oauth2/functions/createOAuth2.md", "`options`")).toMatch(/\| `grant` /)
    expect(optionsOn("storage-redis/variables/RedisStorage.md", "`options` of `layer()`")).toMatch(/\| `url` /)
  })

  it("shows on the home page only figures of the decisions", () => {
    const figuresIn = (text: string): ReadonlyArray<string> => text.match(/\d[\d,]*/g) ?? []
    const readText = (file: string): string => readFileSync(join(root, file), "utf8")
    const known = figuresIn(globSync("docs/decisions/*.md", { cwd: root }).map(readText).join("\n"))
    const shown = figuresIn((readText("site/home.md").match(/^\|.*$/gm) ?? []).join("\n"))
    expect(shown.length).toBeGreaterThan(20)
    expect(shown.filter((figure) => !known.includes(figure))).toEqual([])
  })

  it("shows the operations of a service in the API reference, and no base class of effect", () => {
    const page = readFileSync(join(site, "pages/api/core/classes/TokenManager.md"), "utf8")
    expect(page).toMatch(/### get\n[\s\S]*### peek\n[\s\S]*### layer\(\)/)
    expect(page).not.toMatch(/Inherited from|Extends|Context\.Service/)
  })
})
