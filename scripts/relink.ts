import { fromMarkdown } from "mdast-util-from-markdown"
import { visit } from "unist-util-visit"

type Nodes = ReturnType<typeof fromMarkdown>["children"][number]

interface Cut {
  readonly start: number
  readonly end: number
  readonly text: string
}

const startOf = (node: Nodes): number => node.position!.start.offset!
const endOf = (node: Nodes): number => node.position!.end.offset!

/**
 * Replaces the URL of every link and image of a page by what `target` returns for it. A link or image without a target
 * becomes plain text.
 * For a copy of a page in another place.
 */
export const relink = (markdown: string, target: (url: string) => string | undefined): string => {
  const cuts: Array<Cut> = []
  const cut = (node: Nodes, text: string): void => void cuts.push({ start: startOf(node), end: endOf(node), text })
  const wordsOf = ({ children }: { readonly children: ReadonlyArray<Nodes> }): string =>
    children.length === 0 ? "" : markdown.slice(startOf(children[0]!), endOf(children.at(-1)!))
  const tree = fromMarkdown(markdown)
  const gone = new Set<string>()
  visit(tree, "definition", (node) => {
    const url = target(node.url)
    if (url === node.url) return
    if (url === undefined) gone.add(node.identifier)
    cut(node, url === undefined ? "" : `[${node.label}]: ${url}`)
  })
  visit(tree, "link", (node) => {
    const url = target(node.url)
    if (url !== node.url) cut(node, url === undefined ? wordsOf(node) : `[${wordsOf(node)}](${url})`)
  })
  visit(tree, "image", (node) => {
    const url = target(node.url)
    if (url !== node.url) cut(node, url === undefined ? (node.alt ?? "") : `![${node.alt ?? ""}](${url})`)
  })
  visit(tree, "linkReference", (node) => void (gone.has(node.identifier) && cut(node, wordsOf(node))))
  return cuts
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: words }) => text.slice(0, start) + words + text.slice(end), markdown)
}
