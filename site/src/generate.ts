// Writes everything that the site is built from: the repository's pages, and the reference from the docstrings.
import { rmSync } from "node:fs"
import { writeReference } from "./api.ts"
import { writePages } from "./pages.ts"
import { pagesDirectory } from "./paths.ts"

rmSync(pagesDirectory, { recursive: true, force: true })
writePages()
await writeReference()
