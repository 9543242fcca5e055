import type { MarkdownRenderer } from "vitepress"

const id = /\b(?:KEY|TOK|REQ|STO|SEC|OBS|RUN)-\d+\b/g
const page = "guarantees"

type Token = ReturnType<MarkdownRenderer["parse"]>[number]

/** Cuts a text at each promise that it names: "(TOK-4)" becomes a link to what TOK-4 promises. */
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

/** Where a promise is made, its number is an anchor: the first words of a point of the list. */
const isMade = (tokens: ReadonlyArray<Token>, index: number): boolean =>
  tokens[index - 1]?.type === "strong_open" && index <= 2

/** Links every number of a promise, such as TOK-4, to the promise. */
export const linkPromises = (md: MarkdownRenderer): void => {
  md.core.ruler.push("promises", ({ tokens, env, Token }) => {
    const make = (type: string, tag: string, nesting: Token["nesting"]): Token => new Token(type, tag, nesting)
    const isThePage = (env as { relativePath?: string }).relativePath === `${page}.md`
    for (const { children } of tokens.filter(({ type }) => type === "inline")) {
      if (children === null) continue
      let inLink = 0
      const rewritten = children.flatMap((token, index) => {
        inLink += token.type === "link_open" ? 1 : token.type === "link_close" ? -1 : 0
        if (token.type !== "text" || inLink > 0 || token.content.search(id) < 0) return [token]
        if (!isThePage) return linked(token, make)
        if (!isMade(children, index)) return [token]
        const name = token.content.match(id)?.[0] ?? ""
        const anchor = Object.assign(make("html_inline", "", 0), { content: `<a id="${name.toLowerCase()}"></a>` })
        return [anchor, token]
      })
      children.splice(0, children.length, ...rewritten)
    }
  })
}
