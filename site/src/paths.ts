import { join } from "node:path"

/** The folder of the site. */
export const site = join(import.meta.dirname, "..")

/** The Markdown that the site is built from: written by `pages.ts` and `api.ts`, never by hand. */
export const pagesDirectory = join(site, "pages")
