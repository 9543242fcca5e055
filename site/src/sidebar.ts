import { readFileSync } from "node:fs"
import { join, posix } from "node:path"
import { fromMarkdown } from "mdast-util-from-markdown"
import { toString } from "mdast-util-to-string"
import { visit } from "unist-util-visit"
import type { NavigationItem } from "typedoc-plugin-markdown"
import type { DefaultTheme } from "vitepress"
import { pages } from "./pages.ts"
import { pagesDirectory } from "./paths.ts"

type Item = DefaultTheme.SidebarItem

const parse = (page: string) => fromMarkdown(readFileSync(join(pagesDirectory, page), "utf8"))

const titleOf = (page: string): string => {
  const heading = parse(page).children.find(({ type }) => type === "heading")
  return heading === undefined ? page : toString(heading)
}

const itemOf = (page: string): Item => ({ text: titleOf(page), link: `/${page}` })

const itemsIn = (folder: string): Array<Item> =>
  pages.filter(({ page }) => posix.dirname(page) === folder).map(({ page }) => itemOf(page))

/** A link to the first page of a folder becomes a group with all of its pages. */
const itemOfLink = (text: string, page: string): Item => {
  const folder = posix.dirname(page)
  return folder === "." ? { text, link: `/${page}` } : { text, collapsed: true, items: itemsIn(folder) }
}

/** The headings of docs/README.md and the links below them, in reading order. */
const readingOrder = (): Array<Item> => {
  const groups: Array<Item & { items: Array<Item> }> = []
  for (const node of parse("overview.md").children) {
    if (node.type === "heading" && node.depth === 2) groups.push({ text: toString(node), items: [] })
    const group = groups.at(-1)
    if (node.type !== "list" || group === undefined) continue
    visit(node, "link", (link) => {
      const page = posix.normalize(link.url.split("#")[0] ?? "")
      group.items.push(itemOfLink(toString(link), page))
    })
  }
  return groups
}

const inReference = ({ title, path, children }: NavigationItem): Item => ({
  text: title.replace(/^@tokenkeep\//, ""),
  ...(path ? { link: `/api/${path}` } : {}),
  ...(children ? { items: children.map(inReference) } : {})
})

const navigation = (): ReadonlyArray<NavigationItem> =>
  JSON.parse(readFileSync(join(pagesDirectory, "api/navigation.json"), "utf8")) as ReadonlyArray<NavigationItem>

/** The sidebar of the pages, in the order of docs/README.md. */
export const pagesSidebar = (): Array<Item> =>
  [
    {
      text: "Tokenkeep",
      items: [
        { text: "Overview", link: "/introduction.md" },
        { text: "All pages", link: "/overview.md" }
      ]
    },
    ...readingOrder(),
    { text: "Packages", items: itemsIn("packages") },
    { text: "Sample apps", items: itemsIn("examples") }
  ].filter(({ items }) => items?.length !== 0)

/** The sidebars of the pages and of the API reference. */
export const sidebar = (): DefaultTheme.SidebarMulti => ({
  "/": pagesSidebar(),
  "/api/": [
    { text: "API reference", link: "/api/" },
    ...navigation().map((module) => ({ ...inReference(module), collapsed: true }))
  ]
})
