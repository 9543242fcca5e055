import { join } from "node:path"

/** The folder of the site. */
export const site = join(import.meta.dirname, "..")

/** The Markdown that the site is built from; `pages.ts` and `reference.ts` write it. */
export const pagesDirectory = join(site, "pages")
