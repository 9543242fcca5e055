import { fromMarkdown } from "mdast-util-from-markdown"

type Node = ReturnType<typeof fromMarkdown>["children"][number]

/** What installs the packages of `npm install PACKAGES` with each package manager. */
const installers: ReadonlyArray<readonly [name: string, command: (packages: ReadonlyArray<string>) => string]> = [
  ["npm", (packages) => `npm install ${packages.join(" ")}`],
  ["pnpm", (packages) => `pnpm add ${packages.join(" ")}`],
  ["yarn", (packages) => `yarn add ${packages.join(" ")}`],
  ["bun", (packages) => `bun add ${packages.join(" ")}`],
  ["deno", (packages) => `deno add ${packages.map((name) => `npm:${name}`).join(" ")}`]
]

const packagesIn = (node: Node): ReadonlyArray<string> =>
  (node.type === "code" && /^npm install ([^-\s][^\n]*)$/.exec(node.value)?.[1]?.split(" ")) || []

const installTabs = (packages: ReadonlyArray<string>): string =>
  installers.map(([name, command]) => `\`\`\`sh [${name}]\n${command(packages)}\n\`\`\``).join("\n\n")

const hasTitle = (node: Node | undefined): node is Node => node?.type === "code" && /\[.+\]$/.test(node.meta ?? "")

const grouped = (blocks: string): string => `::: code-group\n\n${blocks}\n\n:::`

/**
 * Shows blocks that follow each other as tabs, if each fence ends with a title, as in "ts [Effect]". On GitHub they are
 * shown one after the other. A command of npm gets a tab for each package manager.
 */
export const withTabs = (markdown: string): string => {
  const { children } = fromMarkdown(markdown)
  let text = ""
  let end = 0
  const replace = (from: Node, to: Node, make: (blocks: string) => string): void => {
    const [start, next] = [from.position!.start.offset!, to.position!.end.offset!]
    text += markdown.slice(end, start) + make(markdown.slice(start, next))
    end = next
  }
  children.forEach((node, index) => {
    const packages = packagesIn(node)
    if (packages.length > 0) return replace(node, node, () => grouped(installTabs(packages)))
    if (!hasTitle(node) || hasTitle(children[index - 1])) return
    const after = children.findIndex((other, position) => position > index && !hasTitle(other))
    replace(node, children.at(after < 0 ? -1 : after - 1)!, grouped)
  })
  return text + markdown.slice(end)
}
