import type { MarkdownRenderer } from "vitepress"

const id = /\b(?:KEY|TOK|REQ|STO|SEC|OBS|RUN)-\d+\b/g
const page = "guarantees"

type Token = ReturnType<MarkdownRenderer["parse"]>[number]

/** Links each ID in a text: "(TOK-4)" becomes a link to the guarantee TOK-4. */
const linked = (text: Token, make: (type: string, tag: string, nesting: Token["nesting"]) => Token): Array<Token> => {
  const textOf = (content: string): Token => Object.assign(make("text", "", 0), { content, level: text.level })
  const tokens: Array<Token> = []
  let end = 0
  for (const match of text.content.matchAll(id)) {
    const open = make("link_open", "a", 1)
    open.attrs = [["href", `/${page}#${match[0].toLowerCase()}`]]
    tokens.push(textOf(text.content.slice(end, match.index)), open, textOf(match[0]), make("link_close", "a", -1))
    end = match.index + match[0].length
  }
  return [...tokens, textOf(text.content.slice(end))]
}

/** Whether an ID starts an item of the list: there it becomes an anchor. */
const isDefinition = (tokens: ReadonlyArray<Token>, index: number): boolean =>
  tokens[index - 1]?.type === "strong_open" && index <= 2

/** Links every ID of a guarantee, such as TOK-4, to the page of guarantees. */
export const linkGuarantees = (md: MarkdownRenderer): void => {
  md.core.ruler.push("guarantees", ({ tokens, env, Token }) => {
    const make = (type: string, tag: string, nesting: Token["nesting"]): Token => new Token(type, tag, nesting)
    const isGuaranteesPage = (env as { relativePath?: string }).relativePath === `${page}.md`
    for (const { children } of tokens.filter(({ type }) => type === "inline")) {
      if (children === null) continue
      let inLink = 0
      const rewritten = children.flatMap((token, index) => {
        inLink += token.type === "link_open" ? 1 : token.type === "link_close" ? -1 : 0
        if (token.type !== "text" || inLink > 0 || token.content.search(id) < 0) return [token]
        if (!isGuaranteesPage) return linked(token, make)
        if (!isDefinition(children, index)) return [token]
        const name = token.content.match(id)?.[0] ?? ""
        const anchor = Object.assign(make("html_inline", "", 0), { content: `<a id="${name.toLowerCase()}"></a>` })
        return [anchor, token]
      })
      children.splice(0, children.length, ...rewritten)
    }
  })
}
