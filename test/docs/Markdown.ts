import GithubSlugger from "github-slugger"
import type { Nodes } from "mdast"
import { fromMarkdown } from "mdast-util-from-markdown"
import { toString } from "mdast-util-to-string"
import { visit } from "unist-util-visit"

export interface Block {
  /** The first word after the fence; "" if there is none. */
  readonly language: string
  /** The words after the language. */
  readonly meta: string
  readonly text: string
  /** The line of the fence. */
  readonly line: number
  /** The next block, if only blank lines are between. */
  readonly next: Block | undefined
}

interface Link {
  readonly url: string
  readonly line: number
}

export interface Page {
  readonly blocks: ReadonlyArray<Block>
  readonly links: ReadonlyArray<Link>
  /** The names that may follow "#" in a link. */
  readonly anchors: ReadonlySet<string>
}

const lineOf = (node: Nodes): number => node.position?.start.line ?? 0

const blockOf = (node: Nodes | undefined, siblings: ReadonlyArray<Nodes>): Block | undefined => {
  if (node?.type !== "code") return undefined
  const next = siblings[siblings.indexOf(node) + 1]
  return {
    language: node.lang ?? "",
    meta: node.meta ?? "",
    text: node.value,
    line: lineOf(node),
    next: blockOf(next, siblings)
  }
}

const explicitAnchors = (html: string): ReadonlyArray<string> =>
  [...html.matchAll(/<a\s[^>]*(?:id|name)="([^"]+)"/g)].flatMap(([, id]) => (id === undefined ? [] : [id]))

/** Reads what the tests check in a Markdown page. */
export const parsePage = (markdown: string): Page => {
  const blocks: Array<Block> = []
  const links: Array<Link> = []
  const anchors = new Set<string>()
  const slugger = new GithubSlugger()
  visit(fromMarkdown(markdown), (node, _index, parent) => {
    const block = blockOf(node, parent?.children ?? [])
    if (block) blocks.push(block)
    if (node.type === "link" || node.type === "image" || node.type === "definition") {
      links.push({ url: node.url, line: lineOf(node) })
    }
    if (node.type === "heading") anchors.add(slugger.slug(toString(node)))
    if (node.type === "html") for (const id of explicitAnchors(node.value)) anchors.add(id)
  })
  return { blocks, links, anchors }
}
