import { existsSync } from "node:fs"
import { join, posix } from "node:path"
import { root } from "../../scripts/root.ts"

const image = /!\[([^\]]*)\]\(([^)]+)\.png\)/g

/** Shows the picture `NAME-dark.png` instead of `NAME.png` on a dark page, if there is one. */
export const withDarkImages = (markdown: string): string =>
  markdown.replace(image, (whole, alt: string, path: string) => {
    const dark = `${path}-dark.png`
    return existsSync(join(root, "docs", posix.basename(dark)))
      ? `${whole}{.light-only} ![${alt}](${dark}){.dark-only}`
      : whole
  })
