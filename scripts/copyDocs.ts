// Called by each package's build, in the package's directory: puts docs/errors.md into the package, so that the page
// that an error's `docs` points at is there offline, in the version that raised the error.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fromMarkdown } from "mdast-util-from-markdown"
import { toString } from "mdast-util-to-string"
import { visit } from "unist-util-visit"
import { root } from "./root.ts"

type Nodes = ReturnType<typeof fromMarkdown>["children"][number]

const source = join(root, "docs/errors.md")

const read = (): string => {
  try {
    return readFileSync(source, "utf8")
  } catch (cause) {
    throw new Error("docs/errors.md is missing: every package ships it, so no package can be built without it", {
      cause
    })
  }
}

const leavesThePage = (url: string): boolean => !url.startsWith("#") && !/^[a-z][a-z+.-]*:/i.test(url)

/** A package holds this one page, so a link to another file keeps its words and loses its target. */
const withoutLinksToOtherFiles = (markdown: string): string => {
  const cuts: Array<{ start: number; end: number; text: string }> = []
  const cut = (node: Nodes, text: string) =>
    cuts.push({ start: node.position!.start.offset!, end: node.position!.end.offset!, text })
  const tree = fromMarkdown(markdown)
  const gone = new Set<string>()
  visit(tree, "definition", (node) => {
    if (leavesThePage(node.url)) {
      gone.add(node.identifier)
      cut(node, "")
    }
  })
  visit(tree, "link", (node) => void (leavesThePage(node.url) && cut(node, toString(node))))
  visit(tree, "linkReference", (node) => void (gone.has(node.identifier) && cut(node, toString(node))))
  return cuts
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: words }) => text.slice(0, start) + words + text.slice(end), markdown)
}

mkdirSync("docs", { recursive: true })
writeFileSync("docs/errors.md", withoutLinksToOtherFiles(read()))
